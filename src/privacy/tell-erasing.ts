import type { SqlEntityManager } from "@mikro-orm/sql";
import { ownDataOf, runHook } from "../user/own-data.js";
import { lockUser } from "../user/users.js";

/** Tells an own back end that a user is about to be erased, in the transaction in which that happens. */
export async function tellErasing(transaction: SqlEntityManager, userId: string): Promise<void> {
  const { userErasing } = ownDataOf(transaction);
  const user = userErasing && (await lockUser(transaction, userId));
  if (user) await runHook(userErasing, transaction, user);
}

/** Erases what an own back end holds of a user whose row stays. */
export async function eraseOwnData(transaction: SqlEntityManager, userId: string): Promise<void> {
  for (const { entity, property, isKept } of ownDataOf(transaction).owned) {
    const theirs = { [property]: userId };
    if (isKept) await transaction.nativeUpdate(entity, theirs, { [property]: null });
    else await transaction.nativeDelete(entity, theirs);
  }
}
