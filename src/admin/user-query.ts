import { NIL as leastId } from "uuid";
import { boundsOfDay, leastIdAt } from "../clock.js";
import type { Composed, Value } from "../database/statement.js";
import { afterPrefix, foldNickname } from "../user/nickname.js";
import { idCharacters } from "./id-end.js";
import type { Search } from "./search.js";

/** A part of a query: a text that is always the same, with `?` for each value. */
type Part = readonly [text: string, ...values: Value[]];

/** What demands all that these do. */
const all = (parts: readonly Part[]): Part => [
  ["true", ...parts.map(([text]) => text)].join(" and "),
  ...parts.flatMap(([, ...values]) => values),
];

/** Whom a search by nickname looks at: everybody with the beginning, by an index of names, or only those who came last. */
export type Reach = "all" | "recent";

/** How many people came last. */
const recentPeople = 2_000;

/**
 * The query that finds one user more than wanted, the newest first. Whatever is looked for stands in an index in the order of the
 * ids, which tell when people came; what is looked for besides is looked at on the way. Only those of the page are read whole.
 */
export function userQuery(search: Search, reach: Reach): Composed {
  const byApp = isByApp(search);
  const key = byApp ? "identities.user_id" : "users.id";
  const from = byApp ? "identities" : "users";
  const parts = [
    ...idParts(search, key),
    ...(byApp ? onlyAppParts(search) : [...appParts(search), ...rowParts(search), ...nicknameParts(search, reach)]),
  ];
  const [where, ...values] = all(parts);
  const page = `select ${key} from ${from} where ${where} order by ${orderOf(search, reach, key)} limit ?`;
  return {
    text: `select users.* from users where users.id in (${page}) order by users.id desc`,
    values: [...values, search.limit + 1],
  };
}

/** The newest first, in such words that the database takes the index that we mean. */
function orderOf({ nickname, lastSignInOn }: Search, reach: Reach, key: string): string {
  // No index has this order: so none is gone through for its order in search of a name.
  if (nickname !== undefined && reach === "all") return `nullif(${key}, '${leastId}') desc`;
  // The day is the same for all, but PostgreSQL doesn't see that of those who have none.
  return lastSignInOn === undefined ? `${key} desc` : `users.last_sign_in_on desc, ${key} desc`;
}

/** Whether there is nothing but the app that few may have. Then its people are gone through, else those whom another index finds. */
function isByApp({ appId, disabled, lastSignInOn, ...others }: Search): boolean {
  const { id, idEnd, phone, email, openid, unionid, nickname } = others;
  const narrow = [id, idEnd, phone, email, openid, unionid, nickname, lastSignInOn];
  return appId !== undefined && disabled !== true && narrow.every((value) => value === undefined);
}

function idParts({ id, after, signedUpOn }: Search, key: string): Part[] {
  const day = signedUpOn === undefined ? undefined : boundsOfDay(signedUpOn);
  const parts: Part[] = [];
  if (id !== undefined) parts.push([`${key} = ?`, id]);
  if (after !== undefined) parts.push([`${key} < ?`, after]);
  if (day) parts.push([`${key} >= ? and ${key} < ?`, leastIdAt(day.start), leastIdAt(day.end)]);
  return parts;
}

function onlyAppParts({ appId = "", disabled }: Search): Part[] {
  const parts: Part[] = [["identities.app_id = ?", appId]];
  const isDisabled = "select 1 from users where id = identities.user_id and disabled_at is not null";
  return disabled === undefined ? parts : [...parts, [`not exists (${isDisabled})`]];
}

function appParts(search: Search): Part[] {
  const { appId } = search;
  if (appId === undefined) return [];
  // The ids a second time: PostgreSQL may go through the app's people, and would begin with the first.
  const parts: Part[] = [["user_id = users.id and app_id = ?", appId], ...idParts(search, "user_id")];
  const [where, ...values] = all(parts);
  return [[`exists (select 1 from identities where ${where})`, ...values]];
}

function rowParts({ idEnd, phone, email, openid, unionid, disabled, lastSignInOn }: Search): Part[] {
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

function nicknameParts({ nickname, after, signedUpOn }: Search, reach: Reach): Part[] {
  if (nickname === undefined) return [];
  const prefix = foldNickname(nickname);
  if (reach === "recent") {
    // A function of the name keeps SQLite from the index of names.
    const part: Part = ["substr(users.nickname_folded, 1, ?) = ?", [...prefix].length, prefix];
    return [part, sinceRecently(after, signedUpOn)];
  }
  const end = afterPrefix(prefix);
  const parts: Part[] = [["users.nickname_folded >= ?", prefix]];
  return end === undefined ? parts : [...parts, ["users.nickname_folded < ?", end]];
}

/** Those who came last, before the next page and the end of the day. */
function sinceRecently(after: string | undefined, signedUpOn: string | undefined): Part {
  const day = signedUpOn === undefined ? undefined : boundsOfDay(signedUpOn);
  const [before] = [after, day && leastIdAt(day.end)].filter((id) => id !== undefined).toSorted();
  const earlier = before === undefined ? "" : "where id < ?";
  return [
    `users.id > coalesce((select id from users ${earlier} order by id desc limit 1 offset ?), ?)`,
    ...(before === undefined ? [] : [before]),
    recentPeople,
    leastId,
  ];
}
