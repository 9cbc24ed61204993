import isEmail from "validator/lib/isEmail.js";
import { z } from "zod";
import { dayOf } from "../clock.js";
import { AppError, type Text } from "../errors.js";
import { Gender } from "../user/gender.js";
import type { UpdateProfileInput } from "./update-profile-input.js";

/** The checked form of {@link UpdateProfileInput}: only what is to change, in the form in which it is stored. */
export type ProfileChanges = z.infer<ReturnType<typeof profileRules>>;

/** What can be wrong with a value, as a sentence that begins with the field's name. */
const faults = {
  type: { zh: "格式不正确", en: "has the wrong type" },
  empty: { zh: "不能为空；要清空请传 null", en: "must not be empty; send null to clear it" },
  long: { zh: "太长", en: "is too long" },
  characters: { zh: "含有不支持的字符", en: "contains control, direction or broken characters" },
  email: { zh: "不是有效的邮箱地址", en: "is not a valid e-mail address" },
  date: {
    zh: "必须是 1900-01-01 至今天的真实日期，如 2000-01-31",
    en: "must be a real date from 1900-01-01 to today, such as 2000-01-31",
  },
  gender: { zh: "只能是 MALE 或 FEMALE", en: "must be MALE or FEMALE" },
  unknown: { zh: "不是可以修改的字段", en: "is not a field that can be changed" },
} as const satisfies Record<string, Text>;

const isFault = (name: string): name is keyof typeof faults => Object.hasOwn(faults, name);

/**
 * What each field is called in messages, and whether others may get to see its text, so that WeChat has to check it. A new field
 * doesn't compile until that is decided here.
 */
export const fields: Record<keyof UpdateProfileInput, { label: string; isShown: boolean }> = {
  nickname: { label: "昵称", isShown: true },
  email: { label: "邮箱", isShown: false },
  birthday: { label: "生日", isShown: false },
  gender: { label: "性别", isShown: false },
  address: { label: "地址", isShown: true },
  signature: { label: "个性签名", isShown: true },
};

export const isField = (name: string): name is keyof UpdateProfileInput => Object.hasOwn(fields, name);

/** Control characters, line and paragraph separators, and the marks that turn the direction of what follows. */
const forbidden = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/** Characters that show nothing; a text made of them alone looks empty. */
const invisible = /[\p{Z}\p{Cf}\p{Mn}\u115f\u1160\u3164\uffa0\u2800]/gu;

/**
 * Bytes of UTF-8 allowed for each character that a reader sees, on average: enough for emoji families, too little for piles of
 * accents. They are counted before anything else is done with a text: composing takes quadratic time.
 */
const bytesPerGrapheme = 32;

const graphemes = new Intl.Segmenter("zh", { granularity: "grapheme" });

/** A line of text with at most so many characters as a reader counts them. */
const line = (max: number) =>
  z
    .string("type")
    .refine((text) => Buffer.byteLength(text.trim()) <= max * bytesPerGrapheme, { error: "long", abort: true })
    .refine((text) => text.isWellFormed() && !forbidden.test(text), { error: "characters", abort: true })
    .transform((text) => text.normalize("NFC").trim())
    .refine((text) => text.replace(invisible, "") !== "", { error: "empty", abort: true })
    .refine((text) => [...graphemes.segment(text)].length <= max, "long");

const email = z
  .string("type")
  .transform((text) => text.trim())
  .refine((text) => /^[\x21-\x7e]+$/.test(text), { error: "email", abort: true })
  .refine((text) => isEmail.default(text, { allow_utf8_local_part: false, blacklisted_chars: '"' }), "email");

const birthday = (today: string) => z.iso.date("date").refine((date) => date >= "1900-01-01" && date <= today, "date");

const profileRules = (today: string) =>
  z.strictObject({
    nickname: line(32).nullable().exactOptional(),
    email: email.nullable().exactOptional(),
    birthday: birthday(today).nullable().exactOptional(),
    gender: z.enum(Gender, "gender").nullable().exactOptional(),
    address: line(200).nullable().exactOptional(),
    signature: line(120).nullable().exactOptional(),
  });

let latest: { day: string; rules: ReturnType<typeof profileRules> } | undefined;

/** The rules of the day: making them takes many times as long as checking by them. */
function rulesOf(now: Date): ReturnType<typeof profileRules> {
  const day = dayOf(now);
  if (latest?.day !== day) latest = { day, rules: profileRules(day) };
  return latest.rules;
}

/**
 * Validates what a caller wants to change and brings it into the form in which it is stored.
 * @throws AppError `BAD_USER_INPUT` that names the first field at fault
 */
export function validateProfile(input: UpdateProfileInput, now: Date): ProfileChanges {
  const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
  const validated = rulesOf(now).safeParse(given);
  if (validated.success) return validated.data;
  const issue = validated.error.issues[0];
  const field = String(issue?.path[0] ?? "input");
  const fault = faults[issue && isFault(issue.message) ? issue.message : "unknown"];
  const label = isField(field) ? fields[field].label : field;
  throw new AppError("BAD_USER_INPUT", { field, text: { zh: `${label}${fault.zh}`, en: `${field} ${fault.en}` } });
}
