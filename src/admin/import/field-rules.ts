import { readPhoneNumber } from "../../phone-number.js";
import { Gender } from "../../user/gender.js";
import { wechatId } from "../../wechat/exchange-code.js";
import { wholeNumber } from "./cell.js";
import { parseTime } from "./times.js";

/*
 * How other servers write what is stored here. Each rule gives undefined for what it can't read. The fields of the profile
 * then go through the API's own rules.
 */

/** What stands where an id should: other numbers and ids, an AppID, one character over and over. */
const otherIds = /^([\da-f-]+|wx[\da-f]{16}|(.)\2*)$/i;

/** What programs and people write for an id that there isn't; also the header, where files were put together. */
const noIds = new Set(
  "anonymous,default,example,invalid,missing,noopenid,nothing,nounionid,object,openid,placeholder,string,testopenid,testtest,testunionid,undefined,unionid,unknown,visitor,wxopenid".split(
    ",",
  ),
);

export function openidOrUnionid(text: string): string | undefined {
  if (otherIds.test(text) || noIds.has(text.toLowerCase().replace(/[_-]/g, ""))) return undefined;
  return wechatId.safeParse(text).data;
}

export const phoneNumber = (text: string): string | undefined => readPhoneNumber(wholeNumber(text));

const meaning = <Value>(meanings: [string, Value][]) =>
  new Map(meanings.flatMap(([words, value]) => words.split(" ").map((word) => [word, value] as const)));

const genders = meaning<Gender | null>([
  ["1 m male man boy 男 男性 男士 男生 先生", Gender.MALE],
  ["2 f female woman girl 女 女性 女士 女生", Gender.FEMALE],
  ["0 u unknown secret 未知 未知性别 保密", null],
]);

/** WeChat's numbers, and the usual letters and words; null for a gender that isn't known. */
export const gender = (text: string): Gender | null | undefined => genders.get(wholeNumber(text).toLowerCase());

const answers = meaning([
  ["1 true t yes y on enabled active 是 启用 已启用 正常 有效 激活 已激活", true],
  ["0 false f no n off disabled inactive banned 否 禁用 已禁用 停用 已停用 无效 冻结 已冻结 封禁 已封禁", false],
]);

export const yesOrNo = (text: string): boolean | undefined => answers.get(wholeNumber(text).toLowerCase());

/** Before that nobody had an account at a mini-program's server. */
const earliest = new Date("2000-01-01T00:00:00Z");

/** A moment until now. One without an offset is meant with this one. */
export function pastTime(text: string, { now, offset }: { now: Date; offset: string }): Date | undefined {
  const time = parseTime(text, offset);
  return time && time >= earliest && time <= now ? time : undefined;
}
