import type { SqlEntityManager } from "@mikro-orm/sql";
import { type Row, select } from "../database/statement.js";
import type { User } from "../user/user.js";
import { userOf } from "../user/users.js";
import { canBeFound, normalizeSearch, type Search } from "./search.js";
import { readingsOf } from "./search-text.js";
import { latestCountQuery, latestPeople, latestQuery, namedQuery, userQuery } from "./user-query.js";

/** Some users, and where the others begin. */
export interface Page {
  users: User[];
  /** The user after whom the next page begins, if there is one. */
  next: string | null;
}

const nobody: Page = { users: [], next: null };

/**
 * Finds users, the newest first. Their ids grow with time, so that the id of a page's last user says where the next one
 * begins, even if that user is gone by then, and users who join meanwhile move nobody to another page.
 * @throws AdminError if an id, the end of one, or a day can't be one
 */
export async function findUsers(em: SqlEntityManager, search: Search): Promise<Page> {
  if (!canBeFound(search)) return nobody;
  const wanted = normalizeSearch(search);
  const rows = await findRows(em, wanted);
  const users = rows.slice(0, wanted.limit).map((row) => userOf(em, row));
  return { users, next: rows.length > wanted.limit ? (users.at(-1)?.id ?? null) : null };
}

/**
 * Of a name that very many people have, a page is soon full among the newest; to put all of them in order would take longer the
 * more there are. Of any other name there are few.
 */
async function findRows(em: SqlEntityManager, { nickname, ...others }: Search): Promise<Row[]> {
  if (nickname === undefined) return select(em, userQuery(others));
  const wanted = { ...others, nickname };
  const latest = await select(em, latestQuery(wanted));
  if (latest.length > wanted.limit || !(await areMoreThanLatest(em, wanted))) return latest;
  return select(em, namedQuery(wanted));
}

async function areMoreThanLatest(em: SqlEntityManager, wanted: Search & { nickname: string }): Promise<boolean> {
  const [row] = await select(em, latestCountQuery(wanted));
  return Number(row?.["found"]) >= latestPeople;
}

/**
 * Finds users by a text that may be anything of theirs: an id or the end of one, a phone number, an e-mail address, an openid, a
 * unionid, or how a nickname begins. The first of these by which anybody is found is the one, on every page.
 */
export async function findByText(em: SqlEntityManager, text: string, rest: Rest): Promise<Page> {
  const { after, limit, ...filters } = rest;
  for (const { meant, isOne } of readingsOf(text)) {
    const search = { ...filters, ...meant };
    const first = await findUsers(em, { ...search, limit: after === undefined ? limit : 1 });
    const isFound = first.users.length > 0 && !(isOne && (first.users.length > 1 || first.next !== null));
    if (isFound) return after === undefined ? first : findUsers(em, { ...search, limit, after });
  }
  return nobody;
}

/** What may be demanded besides a text. */
type Rest = Pick<Search, "disabled" | "appId" | "signedUpOn" | "lastSignInOn" | "limit" | "after">;
