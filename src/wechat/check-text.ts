import type { Logger } from "pino";
import { z } from "zod";
import type { WechatApp } from "./app.js";
import type { CallWithToken } from "./server-token.js";
import { type Verdict, verdictShape } from "./verdict.js";

/** Text of a profile, as opposed to a comment, a forum or a log. */
const profileScene = 1;

/** An errcode of 0 only says that the check was made; the verdict is in `result`. */
const answerShape = z.object({ result: verdictShape });

/**
 * Asks WeChat about a text that the person with this openid wrote.
 * @throws AppError the `WX_…` codes; `WX_BUSY` also for an answer without a verdict
 * @see https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/sec-center/sec-check/msgSecCheck.html
 */
export async function checkText(
  call: CallWithToken,
  log: Logger,
  app: WechatApp,
  openid: string,
  content: string,
): Promise<Verdict> {
  const body = { version: 2, scene: profileScene, openid, content };
  return (await call(log, app, { path: "/wxa/msg_sec_check", body }, answerShape)).result;
}
