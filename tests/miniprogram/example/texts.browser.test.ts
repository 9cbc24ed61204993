import { expect, test } from "vitest";
import { formatTime } from "../../../miniprogram/example/lib/describe-session.js";
import { formatDate, maskPhone } from "../../../miniprogram/example/lib/describe-user.js";
import { describePhoneRefusal } from "../../../miniprogram/example/lib/refusal.js";

const now = new Date(2026, 2, 1, 8, 30);

test.each([
  [new Date(2026, 2, 1, 8, 29, 30), "刚刚"],
  [new Date(2026, 2, 1, 8, 31), "刚刚"],
  [new Date(2026, 2, 1, 7, 31), "59 分钟前"],
  [new Date(2026, 2, 1, 0, 5), "今天 00:05"],
  [new Date(2026, 1, 28, 23, 59), "昨天 23:59"],
  [new Date(2026, 1, 27, 9, 0), "2月27日 09:00"],
  [new Date(2025, 11, 31, 9, 0), "2025年12月31日"],
])("%s is called %s", (then, text) => {
  expect(formatTime(then.toISOString(), now)).toBe(text);
});

test("a date is written as people read it", () => {
  expect(formatDate("1998-02-08")).toBe("1998年2月8日");
});

test.each([
  ["+8613800138000", "138 **** 8000"],
  ["+85261234567", "+852 **** 67"],
  ["", ""],
])("of the phone number %s people see %s", (phone, text) => {
  expect(maskPhone(phone)).toBe(text);
});

test.each([
  [{ errMsg: "getPhoneNumber:fail user deny" }, ""],
  [{ errMsg: "getPhoneNumber:fail privacy permission is not authorized", errno: 104 }, "隐私保护指引"],
  [{ errMsg: "getPhoneNumber:fail api scope is not declared in the privacy agreement", errno: 112 }, "还没有"],
  [{ errMsg: "getPhoneNumber:fail no permission" }, "非个人主体"],
  [{ errMsg: "getPhoneNumber:fail", errno: 1_400_001 }, "额度用完了"],
  [{ errMsg: "getPhoneNumber:fail" }, "稍后再试"],
])("WeChat's refusal %o is explained", (refusal, text) => {
  expect(describePhoneRefusal(refusal, false)).toContain(text);
  expect(describePhoneRefusal(refusal, true)).toContain("AppID");
});
