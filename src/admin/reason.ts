import { withoutPersonalData } from "../audit/record-act.js";
import type { Text } from "../errors.js";

const maxReasonCharacters = 200;

/** What is wrong with a reason for the audit log, if anything is. */
export function faultOfReason(text: string): Text | undefined {
  if (text.length > maxReasonCharacters)
    return { zh: "原因最多 200 个字符。", en: "It may have 200 characters at most." };
  if (/[\p{Cc}\p{Cs}]/u.test(text))
    return { zh: "原因里有不支持的字符。", en: "It contains characters that can't be kept." };
  if (withoutPersonalData(text) === text) return undefined;
  return {
    zh: "请不要写手机号、邮箱或微信的 ID：用户注销后审计日志仍会保留。",
    en: "Leave out phone numbers, e-mail addresses and ids of WeChat's: the audit log stays when a person is erased.",
  };
}
