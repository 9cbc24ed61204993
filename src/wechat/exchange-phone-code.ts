import type { Logger } from "pino";
import { z } from "zod";
import { AppError } from "../errors.js";
import type { WechatApp } from "./app.js";
import type { CallWithToken } from "./server-token.js";

/** WeChat documents text and has sent numbers. */
const digits = z.union([z.string().regex(/^\d{1,15}$/), z.int().positive().transform(String)]);

const answerShape = z.object({
  phone_info: z.object({
    purePhoneNumber: digits,
    countryCode: digits,
    watermark: z.object({ appid: z.string() }),
  }),
});

/**
 * Exchanges the code of the getPhoneNumber button for the number that WeChat vouches for, in E.164. WeChat itself checks
 * that the code belongs to the person with this openid.
 * @throws AppError `WX_CODE_INVALID` and the other `WX_…` codes; `WX_BUSY` for what is no number or from another app
 * @see https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/user-info/phone-number/getPhoneNumber.html
 */
export async function exchangePhoneCode(
  call: CallWithToken,
  log: Logger,
  app: WechatApp,
  code: string,
  openid: string,
): Promise<string> {
  const request = { path: "/wxa/business/getuserphonenumber", body: { code, openid } };
  const { phone_info: info } = await call(log, app, request, answerShape);
  // It knows the numbers of all countries, and is loaded by who binds one.
  const { parsePhoneNumber } = await import("../phone-number.js");
  const number = parsePhoneNumber(`+${info.countryCode}${info.purePhoneNumber}`);
  if (number === undefined || info.watermark.appid !== app.appId) throw new AppError("WX_BUSY");
  return number;
}
