import { ForeignKeyConstraintViolationException, UniqueConstraintViolationException } from "@mikro-orm/core";
import type { SqlEntityManager } from "@mikro-orm/sql";
import { User } from "../user/user.js";
import { Identity, Unionid } from "./identity.js";

/** What a new user's row holds, where it isn't empty. */
export type NewUser = Pick<User, "id" | "createdAt" | "updatedAt"> &
  Partial<Omit<User, "id" | "createdAt" | "updatedAt">>;

/** People whom the database doesn't know yet: identities, those of them that need a user of their own, and the users' unionids. */
export interface NewPeople {
  users: NewUser[];
  unionids: { unionid: string; user: string }[];
  identities: { appId: string; openid: string; user: string; createdAt: Date }[];
}

/**
 * Writes new people in a transaction of the caller's. The tables come in the same order everywhere, so that two who write the
 * same people wait for each other instead of blocking each other for good; whoever comes second gets a constraint violation.
 */
export async function insertPeople(transaction: SqlEntityManager, people: NewPeople): Promise<void> {
  if (people.users.length > 0) await transaction.insertMany(User, people.users);
  if (people.unionids.length > 0) await transaction.insertMany(Unionid, people.unionids);
  if (people.identities.length > 0) await transaction.insertMany(Identity, people.identities);
}

/** Whether somebody made the same user first, or deleted the one that was found: looking again finds out which. */
export function isLostRace(error: unknown): boolean {
  return error instanceof UniqueConstraintViolationException || error instanceof ForeignKeyConstraintViolationException;
}
