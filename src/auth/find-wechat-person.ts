import type { SqlEntityManager } from "@mikro-orm/sql";
import { AppError } from "../errors.js";
import type { WechatApp } from "../settings/config.js";
import type { Wechat } from "../wechat/wechat.js";
import { Identity } from "./identity.js";
import type { Viewer } from "./viewer.js";

/** Who somebody is for WeChat. */
export interface WechatPerson {
  app: WechatApp;
  openid: string;
}

/**
 * Who the caller is for WeChat in the app of this session, for calls about the caller.
 * @throws AppError `UNAUTHENTICATED` if the identity was erased meanwhile, or the app is no longer configured
 */
export async function findWechatPerson(
  { em, wechat }: { em: SqlEntityManager; wechat: Wechat },
  { user, session }: Viewer,
): Promise<WechatPerson> {
  const app = wechat.app(session.appId);
  const identity = app && (await em.findOne(Identity, { user: user.id, appId: app.appId }));
  if (!identity) throw new AppError("UNAUTHENTICATED");
  return { app, openid: identity.openid };
}
