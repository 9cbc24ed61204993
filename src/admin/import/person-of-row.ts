import { AppError, type Text } from "../../errors.js";
import { fields, isField, type ProfileChanges, validateProfile } from "../../profile/profile-rules.js";
import type { UpdateProfileInput } from "../../profile/update-profile-input.js";
import { AdminError } from "../admin-error.js";
import type { Row } from "./columns.js";
import { gender, openidOrUnionid, pastTime, phoneNumber, yesOrNo } from "./field-rules.js";
import { type ImportField, isImportField } from "./fields.js";
import { createRowReader, idOf, type Problem } from "./row-reader.js";
import { parseDate } from "./times.js";

/** What a row says about a person, checked. */
export interface Person {
  line: number;
  appId: string;
  openid: string;
  unionid: string | undefined;
  phone: string | undefined;
  profile: ProfileChanges;
  createdAt: Date;
  isActive: boolean;
}

/** What rows are read by. */
export interface PersonRules {
  /** The app of rows that name none. */
  appId: string | undefined;
  /** The apps that the server knows; if it knows none, any will do. */
  appIds: readonly string[];
  now: Date;
  /** The offset of times that have none, such as `+08:00`. */
  offset: string;
}

/** What is wrong with a field that can't be read. */
const faults = {
  gender: {
    zh: "应为 1、2、M、F、male、female、男、女，未知写 0",
    en: "must be 1, 2, M, F, male, female, 男, 女, or 0 if unknown",
  },
  unionid: { zh: "不像是微信的 unionid", en: "can't be WeChat's" },
  phone: { zh: "应形如 +8613800138000 或 13800138000", en: "must be like +8613800138000 or 13800138000" },
  createdAt: {
    zh: "应为过去的时间，如 2024-05-06T07:08:09+08:00",
    en: "must be a past time such as 2024-05-06T07:08:09+08:00",
  },
  isActive: { zh: "应为 true 或 false", en: "must be true or false" },
} as const satisfies Partial<Record<ImportField, Text>>;

/**
 * Reads a person out of a row. What is wrong with a field is a problem, and the field is left out, so that the person can sign
 * in all the same; a row that doesn't say whom it is about is nobody.
 * @throws AdminError if the row names no app and there is none for such rows
 */
export function personOfRow(line: number, row: Row, rules: PersonRules, problems: Problem[]): Person | undefined {
  const identity = identityOf(line, row, rules);
  if ("fault" in identity) {
    problems.push({ line, reason: identity.fault });
    return undefined;
  }

  const { text, plain, read } = createRowReader(line, row, problems);
  const birthday = plain("birthday");
  const profile = {
    nickname: text("nickname") ?? null,
    email: plain("email") ?? null,
    birthday: (birthday && parseDate(birthday, rules.offset)) ?? birthday ?? null,
    gender: read("gender", gender, faults.gender) ?? null,
    address: text("address") ?? null,
    signature: text("signature") ?? null,
  };
  const past = (time: string) => pastTime(time, rules);
  return {
    line,
    ...identity,
    unionid: read("unionid", openidOrUnionid, faults.unionid),
    phone: read("phone", phoneNumber, faults.phone),
    profile: validFields(line, profile, rules.now, problems),
    createdAt: read("createdAt", past, faults.createdAt) ?? rules.now,
    isActive: read("isActive", yesOrNo, faults.isActive) ?? true,
  };
}

/** Whom a row is about, or why it doesn't say so. */
function identityOf(line: number, row: Row, rules: PersonRules): { appId: string; openid: string } | { fault: Text } {
  const appId = idOf(row.appId) ?? rules.appId ?? noApp(line, rules);
  if (rules.appIds.length > 0 && !rules.appIds.includes(appId)) {
    return { fault: { zh: "所属的小程序不在 WECHAT_APPS 里", en: "is for an app that isn't in WECHAT_APPS" } };
  }
  if (!/^\w{1,64}$/.test(appId)) {
    return { fault: { zh: "AppID 不像是微信的", en: "is for an app whose id can't be WeChat's" } };
  }
  const text = idOf(row.openid);
  if (text === undefined) return { fault: { zh: "没有 openid", en: "has no openid" } };
  const openid = openidOrUnionid(text);
  if (openid !== undefined) return { appId, openid };
  return { fault: { zh: "openid 不像是微信的", en: "has an openid that can't be WeChat's" } };
}

function noApp(line: number, { appIds }: PersonRules): never {
  const ids = appIds.join(", ");
  throw new AdminError({
    zh: `第 ${line} 行没有写明小程序，而 openid 只在一个小程序里有意义。请加上 --app-id${ids && `，可选：${ids}`}。`,
    en: `Line ${line} names no app, and an openid means somebody in one app only. Add --app-id${ids && `, one of ${ids}`}.`,
  });
}

/** Validates fields by the API's rules, which name one fault at a time, until what is left is right. */
function validFields(line: number, profile: UpdateProfileInput, now: Date, problems: Problem[]): ProfileChanges {
  try {
    return validateProfile(profile, now);
  } catch (error) {
    if (!(error instanceof AppError) || error.field === undefined || !isImportField(error.field)) throw error;
    const { field } = error;
    problems.push({ line, field, reason: withoutField(error.text, field) });
    return validFields(line, { ...profile, [field]: null }, now, problems);
  }
}

/** The fault alone: the report names the field itself. */
const withoutField = ({ zh, en }: Text, field: ImportField): Text => ({
  zh: zh.replace(isField(field) ? fields[field].label : "", ""),
  en: en.replace(`${field} `, ""),
});
