import { DeadlockException, LockWaitTimeoutException } from "@mikro-orm/core";
import type { SqlEntityManager } from "@mikro-orm/sql";
import { insertPeople, isLostRace } from "../../auth/identities.js";
import { withFoldedNickname } from "../../user/nickname.js";
import { User } from "../../user/user.js";
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
async function write({ em, now, record }: ImportOptions, { people, fills, outcome }: Plan): Promise<void> {
  if (people.identities.length === 0 && people.unionids.length === 0 && fills.length === 0) return;
  await em.fork().transactional(async (transaction) => {
    await insertPeople(transaction, people);
    for (const fill of fills) await fillIn(transaction, fill, now());
    await record.write(transaction, outcome);
  });
  record.committed();
}

/** Writes a value unless the person has just written one. */
async function fillIn(transaction: SqlEntityManager, { id, field, value }: Fill, updatedAt: Date): Promise<void> {
  await transaction.nativeUpdate(User, { id, [field]: null }, { ...withFoldedNickname({ [field]: value }), updatedAt });
}
