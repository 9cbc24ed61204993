import type { Logger } from "pino";
import type { Verdict } from "../wechat/verdict.js";

/** What WeChat says of an image; `failed` where it could not look at it. */
export interface ImageVerdict {
  suggest: string;
  label: number | undefined;
}

/** A message's verdict on an image, which says nothing where the check failed. */
export const imageVerdictOf = (verdict: Verdict | undefined): ImageVerdict => ({
  suggest: verdict?.suggest ?? "failed",
  label: verdict?.label,
});

/** Tells the operator what came out of an avatar's check, if it isn't that all is well. */
export function tellVerdict(log: Logger, userId: string, { suggest, label }: ImageVerdict): void {
  const details = { userId, label };
  if (suggest === "risky") log.warn(details, "WeChat calls an avatar risky: it was removed");
  if (suggest === "review") log.warn(details, "WeChat wants a person to review an avatar; it stays");
  if (suggest === "failed")
    log.error(details, "WeChat could not check an avatar; it stays: can WeChat fetch from PUBLIC_URL?");
}
