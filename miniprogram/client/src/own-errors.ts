import {
  type ClientErrorCode,
  createError,
  type ErrorDetails,
  type Language,
  type Retry,
  type WxpassError,
} from "./errors";
import { isObject } from "./json";

/** In Chinese and English. */
const messages: Record<ClientErrorCode | "UNAUTHENTICATED", [string, string]> = {
  NETWORK_ERROR: ["网络连接失败，请检查网络后重试", "No network connection"],
  TIMEOUT: ["请求超时，请稍后重试", "Timed out; try again"],
  INTERRUPTED: ["请求已中断，请重试", "Interrupted; try again"],
  BAD_RESPONSE: ["服务器暂时不可用，请稍后再试", "The server is unavailable; try later"],
  LOGIN_FAILED: ["微信登录失败，请重试", "WeChat sign-in failed; try again"],
  UNAUTHENTICATED: ["请先登录", "Please sign in"],
};

/** Makes the errors that don't come from the server. */
export type Fail = (code: keyof typeof messages, details: ErrorDetails, retry?: Retry) => WxpassError;

/** Makes errors with messages in one of the languages; Chinese is the default. */
export const failIn =
  (language: Language | undefined): Fail =>
  (code, details, retry = "LATER") =>
    createError(code, messages[code][language === "en" ? 1 : 0], retry, details);

/**
 * Turns whatever a function of the platform rejects with into an error, whose code is told by WeChat's words if it isn't given.
 * @see https://developers.weixin.qq.com/miniprogram/dev/framework/ability/network.html
 */
export const throwPlatformError = (fail: Fail, code?: ClientErrorCode) => (reason: unknown) => {
  const detail = String(isObject(reason) ? reason["errMsg"] || reason["message"] : reason);
  const isTimeout = /time.{0,2}out|超时/i.test(detail);
  const kind = isTimeout ? "TIMEOUT" : /interrupted/.test(detail) ? "INTERRUPTED" : "NETWORK_ERROR";
  throw fail(code || kind, { detail });
};
