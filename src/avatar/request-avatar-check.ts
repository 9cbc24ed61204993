import type { SqlEntityManager } from "@mikro-orm/sql";
import { findWechatPerson } from "../auth/identities.js";
import type { Context, Viewer } from "../context.js";
import { statement } from "../database/statement.js";
import { AppError } from "../errors.js";
import { isUnchecked, unchecked } from "../moderation/unchecked.js";
import { tellVerdict } from "./tell-verdict.js";

type CheckContext = Pick<Context, "em" | "wechat" | "avatarStore" | "contentCheck" | "now" | "log">;

/**
 * Asks WeChat to look at an image that was just stored, before it becomes the user's avatar. Returns the name of the check,
 * or undefined if avatars are not checked.
 * @throws AppError the `WX_…` code of a check that could not be requested
 */
export async function requestAvatarCheck(
  context: CheckContext,
  viewer: Viewer,
  name: string,
): Promise<string | undefined> {
  const { wechat, avatarStore, contentCheck } = context;
  if (!contentCheck.avatars) return undefined;
  const { app, openid } = await findWechatPerson(context, viewer);
  return wechat.checkImage(context, app, openid, avatarStore.url(name)).catch((error: unknown) => {
    throw isUnchecked(error) ? unchecked(error, { zh: "头像", en: "the image" }) : error;
  });
}

/** Of one name there is one row, so that verdict and avatar meet, whichever comes first. */
const expectVerdict = statement(`
  insert into avatar_checks (trace_id, user_id, avatar, created_at) values (?, ?, ?, ?)
  on conflict (trace_id) do update set user_id = excluded.user_id, avatar = excluded.avatar where avatar_checks.user_id is null
  returning suggest, label`);

const forget = statement("delete from avatar_checks where trace_id = ?");

/**
 * Writes, in the transaction that gives the user the avatar, that WeChat is looking at it. A verdict that is here already counts.
 * @throws AppError `CONTENT_REJECTED` if WeChat has called the image risky meanwhile
 */
export async function awaitVerdict(
  transaction: SqlEntityManager,
  { now, log }: Pick<Context, "now" | "log">,
  check: { traceId: string; userId: string; avatar: string },
): Promise<void> {
  const { traceId, userId, avatar } = check;
  const [row] = await expectVerdict.rows(transaction, [traceId, userId, avatar, now()]);
  if (!row) throw new TypeError("WeChat has given two checks one name");
  const { suggest, label } = row;
  if (suggest === null) return;
  await forget.run(transaction, [traceId]);
  tellVerdict(log, userId, { suggest: String(suggest), label: label === null ? undefined : Number(label) });
  if (suggest === "risky") throw new AppError("CONTENT_REJECTED", { text: rejected });
}

const rejected = {
  zh: "图片含有违规内容，请换一张",
  en: "WeChat's content check refused this image; please choose another",
};
