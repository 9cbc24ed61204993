import { LockMode } from "@mikro-orm/core";
import type { SqlEntityManager } from "@mikro-orm/sql";
import type { Row, Statement, Value } from "../database/statement.js";
import { User } from "./user.js";

/** A user as a row of `users` tells. No entity manager keeps track of it, so that it is never written by the way. */
export function userOf(em: SqlEntityManager, row: Row): User {
  return Object.assign(new User(), em.getDriver().mapResult<User>(row, em.getMetadata(User)));
}

/** The user whom a statement that selects or returns `users.*` finds. */
export async function findUser(
  em: SqlEntityManager,
  statement: Statement,
  values: readonly Value[],
): Promise<User | undefined> {
  const [row] = await statement.rows(em, values);
  return row && userOf(em, row);
}

/**
 * A user's row as it is now, which nobody else changes until the transaction ends, and the transaction only by statements of its
 * own; null if there is none.
 */
export function lockUser(transaction: SqlEntityManager, id: string): Promise<User | null> {
  return transaction.findOne(User, id, { lockMode: LockMode.PESSIMISTIC_WRITE, disableIdentityMap: true });
}
