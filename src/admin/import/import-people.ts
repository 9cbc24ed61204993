import { DeadlockException, LockWaitTimeoutException } from "@mikro-orm/core";
import type { SqlEntityManager } from "@mikro-orm/sql";
import { insertPeople, isLostRace } from "../../auth/identities.js";
import { switchOutbox } from "../../database/outbox.js";
import { withFoldedNickname } from "../../user/nickname.js";
import { User } from "../../user/user.js";
import { lockUser } from "../../user/users.js";
import { findKnown, identityName } from "./find-known.js";
import type { ImportRecord } from "./import-record.js";
import type { Person } from "./person-of-row.js";
import type { Fill, Outcome, Plan, PlanOptions } from "./plan.js";
import { planImport } from "./plan-import.js";

/** How people are imported. */
export interface ImportOptions extends PlanOptions {
  em: SqlEntityManager;
  disputedBefore: Set<string>;
  record: Pick<ImportRecord, "write" | "committed">;
  /** Whether no webhook tells of it. */
  quiet: boolean;
}

/** Tries for one person. A lost race means that somebody has just written what the next try finds. */
const maxTries = 5;

/**
 * Imports people in one transaction: makes the identities that aren't there yet, with their users, by the rules of signing in.
 * It can be done again without harm, and beside a server on which the same people sign in for the first time: a batch that
 * loses a race against one of them is done again in halves.
 */
export async function importPeople(options: ImportOptions, people: readonly Person[], tries = 1): Promise<Outcome> {
  const plan = planImport(people, await findKnown(options.em.fork(), people), options);
  try {
    if (!options.dryRun) await write(options, plan);
  } catch (error) {
    if (!isPassing(error) || tries === maxTries) throw error;
    if (people.length === 1) return importPeople(options, people, tries + 1);
    const middle = people.length >> 1;
    const outcome = await importPeople(options, people.slice(0, middle));
    return sumOf(outcome, await importPeople(options, people.slice(middle)));
  }
  for (const name of options.dryRun ? plan.names : people.map(identityName)) options.seen.add(name);
  for (const name of plan.disputed) options.disputedBefore.add(name);
  return plan.outcome;
}

const sumOf = (a: Outcome, b: Outcome): Outcome => ({
  imported: a.imported + b.imported,
  joined: a.joined + b.joined,
  alreadyThere: a.alreadyThere + b.alreadyThere,
  filled: a.filled + b.filled,
  problems: [...a.problems, ...b.problems],
});

function isPassing(error: unknown): boolean {
  return isLostRace(error) || error instanceof DeadlockException || error instanceof LockWaitTimeoutException;
}

/** The first statement writes: SQLite refuses to let a transaction write that has read what somebody has changed since. */
async function write({ em, now, record, quiet }: ImportOptions, { people, fills, outcome }: Plan): Promise<void> {
  if (people.identities.length === 0 && people.unionids.length === 0 && fills.length === 0) return;
  await em.fork().transactional(async (transaction) => {
    const wasOn = quiet && (await switchOutbox(transaction, false));
    await insertPeople(transaction, people);
    for (const [id, values] of Map.groupBy(fills, ({ id }) => id)) await fillIn(transaction, id, values, now());
    await record.write(transaction, outcome);
    if (wasOn) await switchOutbox(transaction, true);
  });
  record.committed();
}

/** Writes values, but for those that the person has just written, in one change. */
async function fillIn(
  transaction: SqlEntityManager,
  id: string,
  fills: readonly Fill[],
  updatedAt: Date,
): Promise<void> {
  const user = await lockUser(transaction, id);
  const empty = fills.filter(({ field }) => user?.[field] === null);
  if (empty.length === 0) return;
  const values = Object.fromEntries(empty.map(({ field, value }) => [field, value]));
  await transaction.nativeUpdate(User, { id }, { ...withFoldedNickname(values), updatedAt });
}
