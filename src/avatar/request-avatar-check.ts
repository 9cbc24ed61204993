import { findWechatPerson } from "../auth/identities.js";
import type { Context, Viewer } from "../context.js";
import { isUnchecked, unchecked } from "../moderation/unchecked.js";
import { AvatarCheck } from "./avatar-check.js";

type CheckContext = Pick<Context, "em" | "wechat" | "avatarStore" | "contentCheck" | "now" | "log">;

/**
 * Asks WeChat to look at an image that was just stored, before it becomes the user's avatar: then no verdict can come
 * too early. Does nothing if avatars are not checked.
 * @throws AppError the `WX_…` code of a check that could not be requested
 */
export async function requestAvatarCheck(context: CheckContext, viewer: Viewer, name: string): Promise<void> {
  const { em, wechat, avatarStore, contentCheck, now } = context;
  if (!contentCheck.avatars) return;
  const { app, openid } = await findWechatPerson(context, viewer);
  const traceId = await wechat.checkImage(context, app, openid, avatarStore.url(name)).catch((error: unknown) => {
    throw isUnchecked(error) ? unchecked(error, { zh: "头像", en: "the image" }) : error;
  });
  await em.insert(AvatarCheck, { traceId, user: viewer.user.id, avatar: name, createdAt: now() });
}
