import type { Logger } from "pino";
import { AppError } from "../errors.js";
import { labels, type ProfileChanges } from "../profile/profile-rules.js";
import type { User } from "../user/user.js";
import type { Verdict } from "../wechat/verdict.js";

interface Dependencies {
  /** Asks WeChat about a text of the caller's. */
  judgeText: (text: string) => Promise<Verdict>;
  log: Logger;
}

/** The fields whose text others may get to see. */
const checkedFields = ["nickname", "signature", "address"] as const;

type CheckedField = (typeof checkedFields)[number];

/** Milliseconds for all checks of an update, which run side by side: less than an operation may take. */
const deadline = 6_000;

/**
 * Has WeChat check the texts that an update would change, each on its own so that the one at fault can be named. A text
 * that can't be checked counts as refused: what nobody has checked isn't published, and everything else can be saved
 * without it.
 * @throws AppError `CONTENT_REJECTED`, or the `WX_…` code of the failed check, naming the field
 */
export async function checkTexts(dependencies: Dependencies, user: User, changes: ProfileChanges): Promise<void> {
  const checks = checkedFields.map(async (field) => {
    const text = changes[field];
    if (typeof text === "string" && text !== user[field]) await checkField(dependencies, user, field, text);
  });
  await Promise.all(checks);
}

async function checkField({ judgeText, log }: Dependencies, user: User, field: CheckedField, text: string) {
  const details = { userId: user.id, field };
  try {
    const { suggest, label } = await inTime(judgeText(text));
    if (suggest === "review") log.warn({ ...details, label }, "WeChat wants a person to review a text; it was saved");
    if (suggest !== "risky") return;
    log.warn({ ...details, label }, "WeChat calls a text risky; it was not saved");
  } catch (error) {
    if (!(error instanceof AppError && error.code.startsWith("WX_"))) throw error;
    log.warn({ ...details, code: error.code }, "a text could not be checked; it was not saved");
    throw unchecked(field, error);
  }
  throw rejected(field);
}

async function inTime<Result>(work: Promise<Result>): Promise<Result> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new AppError("WX_BUSY")), deadline);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function rejected(field: CheckedField): AppError {
  const zh = `${labels[field]}含有违规内容，请修改`;
  const en = `${field} breaks WeChat's content rules; please change it`;
  return new AppError("CONTENT_REJECTED", { field, text: { zh, en } });
}

function unchecked(field: CheckedField, error: AppError): AppError {
  const zh = `${labels[field]}暂时无法通过微信审核，未保存，请稍后重新打开小程序再试`;
  const en = `WeChat could not check ${field}, so nothing was saved; reopen the mini-program and try again later`;
  return error.reworded({ field, text: { zh, en } });
}
