import type { EntityName, SqlEntityManager } from "@mikro-orm/sql";
import type { User } from "./user.js";

/** What an own back end keeps of people, beside our tables. All of it happens in the transaction of what we do to the user. */
export interface OwnData {
  /** What `exportMyData` shows of own tables, by their names. */
  exportUser: Record<string, (em: SqlEntityManager, userId: string) => Promise<unknown>>;
  /** The own tables whose rows are a user's, and the property that says whose. */
  owned: OwnedRows[];
  /** After a user was made, by signing in or by an import. */
  userCreated?: UserHook | undefined;
  /** Before a user is erased, in whatever way. */
  userErasing?: UserHook | undefined;
}

/** The rows of a table that refer to a user. */
export interface OwnedRows {
  entity: EntityName<object>;
  property: string;
  /** Whether they stay without their user, and only lose the reference. */
  isKept: boolean;
}

/** Throwing undoes the whole act. */
export type UserHook = (em: SqlEntityManager, user: User) => Promise<void> | void;

const none: OwnData = { exportUser: {}, owned: [] };

const kept = new WeakMap<object, OwnData>();

/** Keeps what an own back end has in a database, for all who work on it. */
export function keepOwnData(em: SqlEntityManager, own: OwnData): void {
  kept.set(em.getDriver(), own);
}

/** What an own back end has in the database. */
export const ownDataOf = (em: SqlEntityManager): OwnData => kept.get(em.getDriver()) ?? none;

/**
 * An entity manager for own code that runs within a transaction: whatever is forked of it stays in the transaction, so that it
 * neither waits for it nor fails to see what it has written.
 */
export const emWithin = (transaction: SqlEntityManager): SqlEntityManager =>
  keepForks(transaction.fork({ keepTransactionContext: true }));

function keepForks(em: SqlEntityManager): SqlEntityManager {
  const fork = em.fork.bind(em);
  em.fork = (options) => keepForks(fork({ ...options, keepTransactionContext: true }));
  return em;
}

/** Runs a hook, and writes what it has left to be written. */
export async function runHook(hook: UserHook, transaction: SqlEntityManager, user: User): Promise<void> {
  const em = emWithin(transaction);
  await hook(em, user);
  await em.flush();
}
