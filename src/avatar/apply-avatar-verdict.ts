import type { Context } from "../context.js";
import { User } from "../user/user.js";
import type { Verdict } from "../wechat/verdict.js";
import { AvatarCheck } from "./avatar-check.js";
import { removeUnusedFile } from "./unused-file.js";

/**
 * Removes an avatar that WeChat calls risky, unless the user has replaced it, and forgets the check. Nobody is shown it from
 * the first write on, and the check goes last, so that a failure in between is made good when WeChat repeats the verdict, or
 * by the sweep of unused files.
 */
export async function applyAvatarVerdict(
  { em, avatarStore, now, log }: Pick<Context, "em" | "avatarStore" | "now" | "log">,
  traceId: string,
  verdict: Verdict | undefined,
): Promise<void> {
  const check = await em.findOne(AvatarCheck, { traceId });
  if (!check) return log.info("a verdict of WeChat's is on an image that nobody here waits for");
  const { avatar, user } = check;
  const details = { userId: user.id, label: verdict?.label };
  if (verdict?.suggest === "risky") {
    await em.nativeUpdate(User, { id: user.id, avatar }, { avatar: null, updatedAt: now() });
    await removeUnusedFile({ em, avatarStore }, avatar);
    log.warn(details, "WeChat calls an avatar risky: it was removed");
  }
  if (verdict?.suggest === "review") log.warn(details, "WeChat wants a person to review an avatar; it stays");
  if (!verdict) log.error(details, "WeChat could not check an avatar; it stays: can WeChat fetch from PUBLIC_URL?");
  await em.nativeDelete(AvatarCheck, { traceId });
}
