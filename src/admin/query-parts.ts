import { boundsOfDay, leastIdAt } from "../clock.js";
import type { Value } from "../database/statement.js";
import { afterPrefix, foldNickname } from "../user/nickname.js";
import { idCharacters } from "./id-end.js";
import type { Search } from "./search.js";

/** A part of a query: a text that is always the same, with `?` for each value. */
export type Part = readonly [text: string, ...values: Value[]];

/** What demands all that these do. */
export const all = (parts: readonly Part[]): Part => [
  ["true", ...parts.map(([text]) => text)].join(" and "),
  ...parts.flatMap(([, ...values]) => values),
];

/** What the ids demand, of a column that has them. */
export function idParts({ id, after, signedUpOn }: Search, key: string): Part[] {
  const day = signedUpOn === undefined ? undefined : boundsOfDay(signedUpOn);
  const parts: Part[] = [];
  if (id !== undefined) parts.push([`${key} = ?`, id]);
  if (after !== undefined) parts.push([`${key} < ?`, after]);
  if (day) parts.push([`${key} >= ? and ${key} < ?`, leastIdAt(day.start), leastIdAt(day.end)]);
  return parts;
}

/** What the app and the state demand of a row of `identities`. */
export function onlyAppParts({ appId = "", disabled }: Search): Part[] {
  const parts: Part[] = [["identities.app_id = ?", appId]];
  const isDisabled = "select 1 from users where id = identities.user_id and disabled_at is not null";
  return disabled === undefined ? parts : [...parts, [`not exists (${isDisabled})`]];
}

/** What the app demands of a row of `users`. */
export function appParts(search: Search): Part[] {
  const { appId } = search;
  if (appId === undefined) return [];
  // The ids a second time: PostgreSQL may go through the app's people, and would begin with the first.
  const parts: Part[] = [["user_id = users.id and app_id = ?", appId], ...idParts(search, "user_id")];
  const [where, ...values] = all(parts);
  return [[`exists (select 1 from identities where ${where})`, ...values]];
}

/** What demands a row of `users` with these values. */
export function rowParts({ idEnd, phone, email, openid, unionid, disabled, lastSignInOn }: Search): Part[] {
  const parts: Part[] = [];
  if (idEnd !== undefined) parts.push(...idEndParts(idEnd));
  if (phone !== undefined) parts.push(["users.phone = ?", phone]);
  if (email !== undefined) parts.push(["users.email is not null and lower(users.email) = lower(?)", email]);
  if (openid !== undefined) parts.push(["users.id in (select user_id from identities where openid = ?)", openid]);
  if (unionid !== undefined) parts.push(["users.id in (select user_id from unionids where unionid = ?)", unionid]);
  if (disabled !== undefined) parts.push([`users.disabled_at is ${disabled ? "not " : ""}null`]);
  if (lastSignInOn === null) parts.push(["users.last_sign_in_on is null"]);
  else if (lastSignInOn !== undefined) parts.push(["users.last_sign_in_on = ?", lastSignInOn]);
  return parts;
}

/** The last four characters are in an index. */
const idEndParts = (end: string): Part[] => [
  ["substr(cast(users.id as text), 33) = ?", end.slice(-4)],
  ["substr(cast(users.id as text), ?) = ?", idCharacters + 1 - end.length, end],
];

/** A nickname with this beginning, as a range of the index of names. */
export function nameRange(beginning: string): Part[] {
  const prefix = foldNickname(beginning);
  const end = afterPrefix(prefix);
  const parts: Part[] = [["users.nickname_folded >= ?", prefix]];
  return end === undefined ? parts : [...parts, ["users.nickname_folded < ?", end]];
}

/** The same where there are too few rows for an index. */
export function nameBeginning(beginning: string): Part {
  const prefix = foldNickname(beginning);
  return ["substr(nickname_folded, 1, ?) = ?", [...prefix].length, prefix];
}
