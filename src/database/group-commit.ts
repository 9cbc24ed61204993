import { setImmediate } from "node:timers/promises";

/** SQLite's one connection, as far as it is used here: the driver brings no types. */
export interface SqliteClient {
  readonly inTransaction: boolean;
  prepare(sql: string): SqliteStatement;
  exec(sql: string): void;
}

export interface SqliteStatement {
  /** Whether it has rows to return. */
  readonly reader: boolean;
  all<Row>(parameters?: readonly unknown[]): Row[];
  run(parameters?: readonly unknown[]): { changes: number; lastInsertRowid: number };
}

/**
 * Lets what is written at the same time share one commit, since each commit waits for the disk. Nobody is answered before the
 * commit that has what they wrote. A statement that fails fails alone; if the commit fails, all that it had has failed.
 */
export interface GroupCommit {
  /** Does work on the connection that waits for nothing in between, and resolves to what it returned when that is committed. */
  write<Outcome>(work: () => Outcome): Promise<Outcome>;
}

/** What somebody writes. */
interface Unit {
  /** Does it. May throw only before anything is written. */
  work(): void;
  /** Lets its writer know that it failed. */
  fail(error: unknown): void;
}

/** Has work done in its turn, and again while another process has the file's lock. */
type InTurn = (work: () => void) => Promise<void>;

/**
 * A group is what comes in so many rounds of the event loop. Who comes alone doesn't notice, since rounds without work are short;
 * of sixteen who sign in at once a fifth more get through than with one round, and with ten no more.
 */
const groupRounds = 4;

/** Makes the group commit of a connection. */
export function createGroupCommit(client: SqliteClient, inTurn: InTurn): GroupCommit {
  const waiting = new Set<Unit>();
  const begin = client.prepare("begin immediate");
  const commit = client.prepare("commit");

  function commitAll(): void {
    // Where a migration has begun by hand, it is the one to commit.
    const isOpen = client.inTransaction;
    if (!isOpen) begin.run();
    const units = [...waiting];
    waiting.clear();
    try {
      for (const unit of units) doWork(client, unit);
      if (!isOpen) commit.run();
    } catch (error) {
      if (client.inTransaction && !isOpen) client.exec("rollback");
      for (const unit of units) unit.fail(error);
    }
  }

  return {
    async write<Outcome>(work: () => Outcome): Promise<Outcome> {
      let outcome: { value: Outcome } | { error: unknown } = { error: new Error("nobody did this") };
      const unit: Unit = {
        work: () => {
          outcome = { value: work() };
        },
        fail: (error) => {
          outcome = { error };
        },
      };
      waiting.add(unit);
      for (let round = 0; round < groupRounds; round++) await setImmediate();
      try {
        await inTurn(() => waiting.has(unit) && commitAll());
      } finally {
        waiting.delete(unit);
      }
      return settle(outcome);
    },
  };
}

/** Does one unit's work. What ends the whole transaction, as a full disk does, is thrown on. */
function doWork(client: SqliteClient, unit: Unit): void {
  try {
    unit.work();
  } catch (error) {
    if (!client.inTransaction) throw error;
    unit.fail(error);
  }
}

function settle<Outcome>(outcome: { value: Outcome } | { error: unknown }): Outcome {
  if ("error" in outcome) throw outcome.error;
  return outcome.value;
}
