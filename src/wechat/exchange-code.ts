import type { Logger } from "pino";
import { z } from "zod";
import type { WechatApp } from "./app.js";
import type { CallWechat } from "./call.js";

/** Who WeChat says somebody is. The session_key that comes with it is dropped: nothing here needs it. */
export interface WechatIdentity {
  appId: string;
  openid: string;
  unionid?: string;
}

/** What an openid or a unionid looks like. */
export const wechatId = z.string().regex(/^[\w-]{6,64}$/);

const answerShape = z.object({
  openid: wechatId,
  unionid: z.union([wechatId, z.literal("").transform(() => undefined)]).nullish(),
});

/**
 * Exchanges the one-time code of `wx.login` for the identity that it stands for.
 * @throws AppError `WX_CODE_INVALID` and the other `WX_…` codes; `WX_BUSY` for an answer without a plausible openid
 * @see https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/user-login/code2Session.html
 */
export async function exchangeCode(
  call: CallWechat,
  log: Logger,
  app: WechatApp,
  code: string,
): Promise<WechatIdentity> {
  const query = { appid: app.appId, secret: app.secret, js_code: code, grant_type: "authorization_code" };
  const { openid, unionid } = await call(log, { path: "/sns/jscode2session", query }, answerShape);
  return { appId: app.appId, openid, ...(unionid && { unionid }) };
}
