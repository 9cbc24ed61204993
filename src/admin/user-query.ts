import { NIL as leastId } from "uuid";
import type { Composed } from "../database/statement.js";
import { all, appParts, idParts, nameBeginning, nameRange, onlyAppParts, type Part, rowParts } from "./query-parts.js";
import type { Search } from "./search.js";

/** A search by more than a nickname. */
type Named = Search & { nickname: string };

/**
 * The query that finds one user more than wanted, the newest first, whatever their nicknames. What is looked for stands in an index
 * in the order of the ids, which tell when people came; what is looked for besides is looked at on the way.
 */
export function userQuery(search: Search): Composed {
  const { key, from, parts, order } = sourceOf(search);
  const [where, ...values] = all(parts);
  return whole([`select ${key} from ${from} where ${where} order by ${order} limit ?`, ...values, search.limit + 1]);
}

/** How many of the newest are looked at for a nickname. */
export const latestPeople = 2_000;

/** The query that finds those with the nickname among the newest of whom all else is true. */
export function latestQuery(search: Named): Composed {
  const [latest, ...values] = latestOf(search);
  const [isNamed, ...name] = nameBeginning(search.nickname);
  const page = `select id from (${latest}) as latest where ${isNamed} order by id desc limit ?`;
  return whole([page, ...values, ...name, search.limit + 1]);
}

/** The query that counts those newest. */
export function latestCountQuery(search: Named): Composed {
  const [latest, ...values] = latestOf(search);
  return { text: `select count(*) as found from (${latest}) as latest`, values };
}

/** The query that finds those with the nickname by the index of names. No index has its order, lest that one is gone through instead. */
export function namedQuery(search: Named): Composed {
  const parts = [
    ...idParts(search, "users.id"),
    ...appParts(search),
    ...rowParts(search),
    ...nameRange(search.nickname),
  ];
  const [where, ...values] = all(parts);
  const order = `nullif(users.id, '${leastId}') desc`;
  return whole([`select users.id from users where ${where} order by ${order} limit ?`, ...values, search.limit + 1]);
}

/** Only those of the page are read whole. */
const whole = ([page, ...values]: Part): Composed => ({
  text: `select users.* from users where users.id in (${page}) order by users.id desc`,
  values,
});

function latestOf(search: Search): Part {
  const { key, name, from, parts, order } = sourceOf(search);
  const [where, ...values] = all(parts);
  const columns = `${key} as id, ${name} as nickname_folded`;
  return [`select ${columns} from ${from} where ${where} order by ${order} limit ?`, ...values, latestPeople];
}

interface Source {
  /** The column with the users' ids. */
  key: string;
  name: string;
  from: string;
  parts: Part[];
  order: string;
}

function sourceOf(search: Search): Source {
  if (isByApp(search)) {
    const key = "identities.user_id";
    const name = `(select nickname_folded from users where id = ${key})`;
    const parts = [...idParts(search, key), ...onlyAppParts(search)];
    return { key, name, from: "identities", parts, order: `${key} desc` };
  }
  const key = "users.id";
  const parts = [...idParts(search, key), ...appParts(search), ...rowParts(search)];
  // The day is the same for all, but PostgreSQL doesn't see that of those who have none.
  const order = search.lastSignInOn === undefined ? `${key} desc` : `users.last_sign_in_on desc, ${key} desc`;
  return { key, name: "users.nickname_folded", from: "users", parts, order };
}

/** Whether the app is what few may have. Then its people are gone through, else those whom another index finds. */
function isByApp({ appId, disabled, id, idEnd, phone, email, openid, unionid, lastSignInOn }: Search): boolean {
  const narrow = [id, idEnd, phone, email, openid, unionid, lastSignInOn];
  return appId !== undefined && disabled !== true && narrow.every((value) => value === undefined);
}
