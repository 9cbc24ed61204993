import type { SqlEntityManager } from "@mikro-orm/sql";
import { afterPrefix, foldNickname } from "../user/nickname.js";
import { User } from "../user/user.js";

interface Search {
  id?: string;
  phone?: string;
  /** How it begins, in any case. */
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
  // The index has all that this asks for: of a name that half of all people have, only the page's rows are read.
  const page = em
    .createQueryBuilder(User)
    .select("id")
    .orderBy({ id: "desc" })
    .limit(limit + 1);
  if (after !== undefined) page.andWhere({ id: { $lt: after } });
  if (wanted.id !== undefined) page.andWhere({ id: wanted.id });
  if (wanted.phone !== undefined) page.andWhere({ phone: wanted.phone });
  if (wanted.nickname !== undefined) page.andWhere({ nicknameFolded: beginningWith(foldNickname(wanted.nickname)) });
  const found = await em.find(User, { id: { $in: page } }, { orderBy: { id: "desc" } });
  const users = found.slice(0, limit);
  return { users, next: found.length > limit ? (users.at(-1)?.id ?? null) : null };
}

/** The texts with this beginning, as a range of an index. */
function beginningWith(prefix: string): { $gte: string; $lt?: string } {
  const end = afterPrefix(prefix);
  return { $gte: prefix, ...(end !== undefined && { $lt: end }) };
}
