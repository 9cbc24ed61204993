import { z } from "zod";
import { parsePhoneNumber } from "../../phone-number.js";
import { Gender } from "../../user/gender.js";
import { wechatId } from "../../wechat/exchange-code.js";

/*
 * How other servers write what is stored here. Each rule gives undefined for what it can't read. The fields of the profile
 * then go through the API's own rules.
 */

export const openidOrUnionid = (text: string): string | undefined => wechatId.safeParse(text).data;

/** E.164, or the eleven digits of a mobile number in China, with or without 86 in front. */
export function phoneNumber(text: string): string | undefined {
  const digits = text.replace(/[\s-]/g, "");
  const [, chinese] = /^(?:86)?(1[3-9]\d{9})$/.exec(digits) ?? [];
  return parsePhoneNumber(chinese ? `+86${chinese}` : digits);
}

const genders = new Map<string, Gender | null>([
  ...["1", "m", "male", "男"].map((text) => [text, Gender.MALE] as const),
  ...["2", "f", "female", "女"].map((text) => [text, Gender.FEMALE] as const),
  ...["0", "u", "unknown", "未知", "保密"].map((text) => [text, null] as const),
]);

/** WeChat's numbers, and the usual letters and words; null for a gender that isn't known. */
export const gender = (text: string): Gender | null | undefined => genders.get(text.toLowerCase());

const answers = new Map([
  ...["true", "1", "yes", "t"].map((text) => [text, true] as const),
  ...["false", "0", "no", "f"].map((text) => [text, false] as const),
]);

export const yesOrNo = (text: string): boolean | undefined => answers.get(text.toLowerCase());

const timeParts =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?))?\s*(Z|UTC|[+-]\d{2}(?::?\d{2})?)?$/;

const realTime = z.iso.datetime({ offset: true });

/** Before that nobody had an account at a mini-program's server. */
const earliest = new Date("2000-01-01T00:00:00Z");

/** A date and time as ISO 8601, Django or a database writes it. One without an offset is meant with this one. */
export function pastTime(text: string, { now, offset }: { now: Date; offset: string }): Date | undefined {
  const [, date, time = "00:00", zone = offset] = timeParts.exec(text) ?? [];
  const normal = `${date}T${time}${time.length === 5 ? ":00" : ""}${normalOffset(zone)}`;
  if (!realTime.safeParse(normal).success) return undefined;
  const found = new Date(normal);
  return found >= earliest && found <= now ? found : undefined;
}

function normalOffset(zone: string): string {
  if (zone === "Z" || zone === "UTC") return "Z";
  return `${zone.slice(0, 3)}:${zone.slice(3).replace(":", "") || "00"}`;
}
