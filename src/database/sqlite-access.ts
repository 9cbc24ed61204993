import { setTimeout } from "node:timers/promises";
import type { QueryResult } from "kysely";
import { codeOf } from "../log.js";
import { createGroupCommit, type SqliteClient, type SqliteStatement } from "./group-commit.js";
import { beginTransaction, type SqliteTransaction } from "./sqlite-transaction.js";
import { isStatement, type Query, type StatementRunner } from "./statement.js";
import { createTurns, type Turns } from "./turns.js";

/** Shares SQLite's one connection among all who use it. */
export interface SqliteAccess extends StatementRunner {
  run<Row>(query: Query): Promise<QueryResult<Row>>;
  /** Begins a transaction, which has the connection for itself until it is over. */
  begin(text: "begin" | "begin immediate"): Promise<SqliteTransaction>;
  /** Runs a statement of the transaction. */
  runInside<Row>(transaction: SqliteTransaction, query: Query): Promise<QueryResult<Row>>;
}

/** How long a statement waits altogether for another process to let go of the file: half of what an operation may take. */
const lockTimeoutMs = 5_000;

/** Between two looks at a locked file. */
const lockRetryMs = 15;

const reads = /^\s*select\b/i;
const writes = /^\s*(?:insert|update|delete)\b/i;

/**
 * Makes the access to a connection. Who reads is served at once; who writes shares a commit with all who write at the same
 * time; a transaction, and whatever is neither, waits for its turn. Who finds the file locked by another process lets the others
 * go on and tries again; after {@link lockTimeoutMs} it fails with `SQLITE_BUSY`. Who would wait for the transaction that it is
 * called in, as `isInside` tells, is refused: that would last for ever.
 */
export function createSqliteAccess(client: SqliteClient, isInside: () => boolean): SqliteAccess {
  const turns = createTurns(() => {
    if (isInside()) throw new Error("within a transaction, use the entity manager that the transaction gives you");
  });
  const run = runnerOn(client);
  const group = createGroupCommit(client, (work) => untilUnlocked(() => takeTurn(turns, work)));
  // What a transaction has written is nobody else's business before it is committed.
  const isFree = ({ sql }: Query) => reads.test(sql) && !client.inTransaction;

  return {
    async run<Row>(query: Query) {
      if (writes.test(query.sql)) return group.write(() => run<Row>(query));
      return untilUnlocked(() => (isFree(query) ? run<Row>(query) : takeTurn(turns, () => run<Row>(query))));
    },
    runThen: (first, others) =>
      group.write(() => {
        run(first);
        return others.map((query) => faultOf(client, () => run(query))).find((fault) => fault !== undefined);
      }),
    begin: (text) => untilUnlocked(() => beginTransaction(client, turns, text)),
    runInside: <Row>(transaction: SqliteTransaction, query: Query) =>
      untilUnlocked(() => transaction.run(() => run<Row>(query))),
  };
}

/** What work throws. What ends the whole transaction is thrown on. */
function faultOf(client: SqliteClient, work: () => unknown): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    if (client.inTransaction) return error;
    throw error;
  }
}

async function takeTurn<Outcome>(turns: Turns, work: () => Outcome): Promise<Outcome> {
  await turns.take();
  try {
    return work();
  } finally {
    turns.pass();
  }
}

/** Statements that we have written stay prepared: preparing one takes longer than running it. */
function runnerOn(client: SqliteClient): <Row>(query: Query) => QueryResult<Row> {
  const prepared = new Map<string, SqliteStatement>();

  function prepare(sql: string): SqliteStatement {
    const found = prepared.get(sql) ?? client.prepare(sql);
    if (isStatement(sql)) prepared.set(sql, found);
    return found;
  }

  return <Row>({ sql, parameters }: Query) => {
    const statement = prepare(sql);
    if (statement.reader) return { rows: statement.all<Row>(parameters) };
    const { changes, lastInsertRowid } = statement.run(parameters);
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
  };
}

/** Tries work again while another process has the file's lock, for so long as anybody waits for that. */
async function untilUnlocked<Outcome>(work: () => Outcome | Promise<Outcome>): Promise<Outcome> {
  const until = performance.now() + lockTimeoutMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isLocked(error) || performance.now() >= until) throw error;
    }
    await setTimeout(lockRetryMs);
  }
}

/** Whether another process has the lock. A snapshot that has grown old is no reason to wait. */
const isLocked = (error: unknown) => /^SQLITE_BUSY(_RECOVERY)?$/.test(codeOf(error) ?? "");
