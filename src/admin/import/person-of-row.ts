import { AppError } from "../../errors.js";
import { type ProfileChanges, validateProfile } from "../../profile/profile-rules.js";
import type { UpdateProfileInput } from "../../profile/update-profile-input.js";
import { AdminError } from "../admin-error.js";
import type { Row } from "./columns.js";
import { gender, openidOrUnionid, pastTime, phoneNumber, yesOrNo } from "./field-rules.js";
import { isImportField } from "./fields.js";
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
    gender: read("gender", gender, "must be 1, 2, M, F, male, female, 男, 女, or 0 if unknown") ?? null,
    address: text("address") ?? null,
    signature: text("signature") ?? null,
  };
  const past = (time: string) => pastTime(time, rules);
  return {
    line,
    ...identity,
    unionid: read("unionid", openidOrUnionid, "can't be WeChat's"),
    phone: read("phone", phoneNumber, "must be like +8613800138000 or 13800138000"),
    profile: validFields(line, profile, rules.now, problems),
    createdAt: read("createdAt", past, "must be a past time such as 2024-05-06T07:08:09+08:00") ?? rules.now,
    isActive: read("isActive", yesOrNo, "must be true or false") ?? true,
  };
}

/** Whom a row is about, or why it doesn't say so. */
function identityOf(line: number, row: Row, rules: PersonRules): { appId: string; openid: string } | { fault: string } {
  const appId = idOf(row.appId) ?? rules.appId ?? noApp(line, rules);
  if (rules.appIds.length > 0 && !rules.appIds.includes(appId)) {
    return { fault: "is for an app that isn't in WECHAT_APPS" };
  }
  if (!/^\w{1,64}$/.test(appId)) return { fault: "is for an app whose id can't be WeChat's" };
  const text = idOf(row.openid);
  if (text === undefined) return { fault: "has no openid" };
  const openid = openidOrUnionid(text);
  return openid === undefined ? { fault: "has an openid that can't be WeChat's" } : { appId, openid };
}

function noApp(line: number, { appIds }: PersonRules): never {
  const choice = appIds.length > 0 ? `, one of ${appIds.join(", ")}` : "";
  throw new AdminError(
    `Line ${line} names no app, and an openid means somebody in one app only. Add --app-id${choice}.`,
  );
}

/** Validates fields by the API's rules, which name one fault at a time, until what is left is right. */
function validFields(line: number, profile: UpdateProfileInput, now: Date, problems: Problem[]): ProfileChanges {
  try {
    return validateProfile(profile, now);
  } catch (error) {
    if (!(error instanceof AppError) || error.field === undefined || !isImportField(error.field)) throw error;
    const { field, message } = error;
    problems.push({ line, field, reason: message.replace(`${field} `, "") });
    return validFields(line, { ...profile, [field]: null }, now, problems);
  }
}
