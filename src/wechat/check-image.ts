import type { Logger } from "pino";
import { z } from "zod";
import type { WechatApp } from "./app.js";
import type { CallWithToken } from "./server-token.js";

/** An image, as opposed to a sound. */
const imageType = 2;

/** A profile's. */
const profileScene = 1;

const answerShape = z.object({ trace_id: z.string().regex(/^[\w-]{1,128}$/) });

/**
 * Asks WeChat to fetch and check an image of the person with this openid. The verdict comes as a message that names the
 * check as this does.
 * @throws AppError the `WX_…` codes
 * @see https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/sec-center/sec-check/mediaCheckAsync.html
 */
export async function checkImage(
  call: CallWithToken,
  log: Logger,
  app: WechatApp,
  openid: string,
  url: string,
): Promise<string> {
  const body = { media_url: url, media_type: imageType, version: 2, scene: profileScene, openid };
  return (await call(log, app, { path: "/wxa/media_check_async", body }, answerShape)).trace_id;
}
