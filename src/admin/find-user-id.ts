import type { SqlEntityManager } from "@mikro-orm/sql";
import { validate as isUuid } from "uuid";
import { AdminError } from "./admin-error.js";
import { findUsers } from "./find-users.js";

/** How many are named who have the same end. */
const maxNamed = 10;

/**
 * The id that an operator means by all of it or by its end. All of one may be that of a user who was erased.
 * @throws AdminError if no user's id ends like this, or several do
 */
export async function findUserId(em: SqlEntityManager, idOrEnd: string): Promise<string> {
  if (isUuid(idOrEnd)) return idOrEnd.toLowerCase();
  const { users, next } = await findUsers(em, { idEnd: idOrEnd, limit: maxNamed });
  const [first, ...others] = users.map(({ id }) => id);
  if (first === undefined) {
    throw new AdminError({
      zh: `没有用户的 ID 以 ${idOrEnd} 结尾。`,
      en: `No user has an id that ends with ${idOrEnd}.`,
    });
  }
  if (others.length === 0) return first;
  const named = [first, ...others, ...(next ? ["…"] : [])].join(", ");
  throw new AdminError({
    zh: `不止一个用户的 ID 以 ${idOrEnd} 结尾，请多给几位：${named}`,
    en: `Several ids end with ${idOrEnd}; take more of one: ${named}`,
  });
}
