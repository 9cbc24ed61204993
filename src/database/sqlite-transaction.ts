import type { SqliteClient } from "./group-commit.js";
import type { Turns } from "./turns.js";

/** A transaction, which has the connection for itself until it is over. */
export interface SqliteTransaction {
  /** Does work on the connection, as a part of the transaction. */
  run<Outcome>(work: () => Outcome): Outcome;
  /** A commit that fails leaves the transaction to be rolled back. */
  commit(): void;
  rollback(): void;
}

/** Over which a transaction that fell silent is rolled back, as PostgreSQL does: all others wait for it. */
const idleInTransactionTimeoutMs = 10_000;

/** Begins a transaction when it is its turn. */
export async function beginTransaction(client: SqliteClient, turns: Turns, text: string): Promise<SqliteTransaction> {
  await turns.take();
  try {
    client.exec(text);
  } catch (error) {
    turns.pass();
    throw error;
  }
  return openTransaction(client, turns);
}

function openTransaction(client: SqliteClient, turns: Turns): SqliteTransaction {
  let abandoned = false;
  const idle = setTimeout(() => {
    abandoned = true;
    undo();
  }, idleInTransactionTimeoutMs).unref();

  function undo(): void {
    try {
      // SQLite may have done it by itself, as when the disk is full.
      if (client.inTransaction) client.exec("rollback");
    } finally {
      pass();
    }
  }

  function pass(): void {
    clearTimeout(idle);
    turns.pass();
  }

  function refuseAbandoned(): void {
    if (abandoned)
      throw new Error(`the transaction did nothing for ${idleInTransactionTimeoutMs} ms and is rolled back`);
  }

  return {
    run(work) {
      refuseAbandoned();
      idle.refresh();
      return work();
    },
    commit() {
      refuseAbandoned();
      client.exec("commit");
      pass();
    },
    rollback() {
      if (!abandoned) undo();
    },
  };
}
