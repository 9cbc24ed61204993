import { AppError } from "../errors.js";

/**
 * Refuses what can't be a one-time code of WeChat's. Codes are some dozen letters and digits; the limit only keeps
 * nonsense from travelling.
 * @throws AppError `BAD_USER_INPUT` for the field `code`
 */
export function validateCode(code: string): void {
  if (code !== "" && code.length <= 256 && code.isWellFormed() && !/\p{Cc}/u.test(code)) return;
  const text = { zh: "code 应为微信返回的字符串", en: "code must be the text that WeChat gave" };
  throw new AppError("BAD_USER_INPUT", { field: "code", text });
}
