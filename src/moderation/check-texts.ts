import { findWechatPerson } from "../auth/identities.js";
import type { Context, Viewer } from "../context.js";
import { AppError } from "../errors.js";
import type { Verdict } from "../wechat/verdict.js";
import { within } from "../within.js";
import { isUnchecked, unchecked } from "./unchecked.js";

/** A text that others will get to see. */
export interface ShownText {
  /** The input field that it comes in. */
  field: string;
  /** What the field is called in Chinese. */
  label: string;
  text: string;
}

type CheckContext = Pick<Context, "em" | "wechat" | "contentCheck" | "log">;

/** For all checks of a request, which run side by side: less than an operation may take. */
const checksTimeoutMs = 6_000;

/**
 * Has WeChat check texts of the caller's, each on its own so that the one at fault can be named. A text that can't be checked
 * counts as refused: what nobody has checked isn't published. Does nothing if texts are not checked.
 * @throws AppError `CONTENT_REJECTED`, or the `WX_…` code of the failed check, naming the field; `UNAUTHENTICATED` if the
 *   caller's identity or app is gone
 */
export async function checkTexts(context: CheckContext, viewer: Viewer, texts: readonly ShownText[]): Promise<void> {
  if (!context.contentCheck.texts || texts.length === 0) return;
  const { app, openid } = await findWechatPerson(context, viewer);
  await Promise.all(
    texts.map((shown) =>
      obeyVerdict(context, viewer, shown, () => context.wechat.checkText(context, app, openid, shown.text)),
    ),
  );
}

async function obeyVerdict(
  { log }: CheckContext,
  { user }: Viewer,
  { field, label }: ShownText,
  check: () => Promise<Verdict>,
): Promise<void> {
  const details = { userId: user.id, field };
  try {
    const verdict = await within(checksTimeoutMs, check(), () => Promise.reject(new AppError("WX_BUSY")));
    if (verdict.suggest === "pass") return;
    const isRisky = verdict.suggest === "risky";
    const outcome = isRisky ? "calls a text risky; it was not saved" : "wants a person to review a text; it was saved";
    log.warn({ ...details, label: verdict.label }, `WeChat ${outcome}`);
    if (!isRisky) return;
  } catch (error) {
    if (!isUnchecked(error)) throw error;
    log.warn({ ...details, code: error.code }, "a text could not be checked; it was not saved");
    throw unchecked(error, { zh: label, en: field }, field);
  }
  const zh = `${label}含有违规内容，请修改`;
  const en = `${field} breaks WeChat's content rules; please change it`;
  throw new AppError("CONTENT_REJECTED", { field, text: { zh, en } });
}
