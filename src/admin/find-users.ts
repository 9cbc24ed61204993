import { type FilterQuery, raw } from "@mikro-orm/core";
import type { SqlEntityManager } from "@mikro-orm/sql";
import { User } from "../user/user.js";

interface Search {
  id?: string;
  phone?: string;
  /** A part of it, in any case. */
  nickname?: string;
  /** How many users at most. */
  limit: number;
  /** The last user of the page before. */
  after?: string;
}

interface Page {
  users: User[];
  /** The user after whom the next page begins, if there is one. */
  next: string | null;
}

/**
 * Finds users, the newest first. Their ids grow with time, so that the id of a page's last user says where the next one
 * begins, even if that user is gone by then, and users who join meanwhile move nobody to another page.
 */
export async function findUsers(em: SqlEntityManager, { limit, after, ...wanted }: Search): Promise<Page> {
  const conditions: FilterQuery<User>[] = [];
  if (after !== undefined) conditions.push({ id: { $lt: after } });
  if (wanted.id !== undefined) conditions.push({ id: wanted.id });
  if (wanted.phone !== undefined) conditions.push({ phone: wanted.phone });
  if (wanted.nickname !== undefined) {
    const holds = await nicknameHolds(em);
    conditions.push({ [raw(holds, [wanted.nickname.normalize("NFC")])]: [] });
  }
  const found = await em.find(User, { $and: conditions }, { orderBy: { id: "desc" }, limit: limit + 1 });
  const users = found.slice(0, limit);
  return { users, next: found.length > limit ? (users.at(-1)?.id ?? null) : null };
}

/** The condition that a nickname holds a text. Neither database by itself knows the case of more than ASCII's letters. */
async function nicknameHolds(em: SqlEntityManager): Promise<string> {
  const { SqliteConnection } = await import("@mikro-orm/sqlite");
  const connection = em.getConnection();
  if (!(connection instanceof SqliteConnection)) {
    return `strpos(lower(nickname collate "und-x-icu"), lower(?::text collate "und-x-icu")) > 0`;
  }
  const client = await connection.getNativeClient();
  client.function("lower_unicode", { deterministic: true }, (text: unknown) =>
    text === null ? null : String(text).toLowerCase(),
  );
  return "instr(lower_unicode(nickname), lower_unicode(?)) > 0";
}
