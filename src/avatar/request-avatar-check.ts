import type { SqlEntityManager } from "@mikro-orm/sql";
import type { Logger } from "pino";
import { findWechatPerson } from "../auth/find-wechat-person.js";
import type { Viewer } from "../auth/viewer.js";
import { AppError } from "../errors.js";
import type { AvatarStore } from "../storage/file-store.js";
import type { Wechat } from "../wechat/wechat.js";
import { AvatarCheck } from "./avatar-check.js";

export interface AvatarCheckDependencies {
  em: SqlEntityManager;
  wechat: Wechat;
  avatarStore: AvatarStore;
  /** Whether avatars go through WeChat's content check; it needs a place for the verdicts to come to. */
  avatarCheck: boolean;
  now: () => Date;
  log: Logger;
}

/** Milliseconds after which a check is forgotten. WeChat promises a verdict within half an hour. */
const patience = 7 * 86_400_000;

/**
 * Asks WeChat to look at an image that was just stored, before it becomes the user's avatar: then no verdict can come
 * too early. Does nothing if avatars are not checked.
 * @throws AppError the `WX_…` code of a check that could not be requested
 */
export async function requestAvatarCheck(
  dependencies: AvatarCheckDependencies,
  viewer: Viewer,
  name: string,
): Promise<void> {
  const { em, wechat, avatarStore, avatarCheck, now } = dependencies;
  if (!avatarCheck) return;
  const { app, openid } = await findWechatPerson({ em, wechat }, viewer);
  const traceId = await wechat.checkImage(dependencies, app, openid, avatarStore.url(name)).catch(unchecked);
  await em.insert(AvatarCheck, { traceId, user: viewer.user.id, avatar: name, createdAt: now() });
  await em.nativeDelete(AvatarCheck, { createdAt: { $lt: new Date(now().getTime() - patience) } });
}

function unchecked(error: unknown): never {
  if (!(error instanceof AppError)) throw error;
  const zh = "头像暂时无法通过微信审核，未保存，请稍后重新打开小程序再试";
  const en = "WeChat could not check the image, so it was not saved; reopen the mini-program and try again later";
  throw error.reworded({ text: { zh, en } });
}
