import { setTimeout } from "node:timers/promises";
import { SqliteConnection, SqliteDriver } from "@mikro-orm/sqlite";
import * as kysely from "kysely";
import { codeOf } from "../log.js";
import { releaseFailedTransactions } from "./failed-transactions.js";
import { createTurns } from "./turns.js";

/** How long a statement waits altogether for another process to let go of the file: half of what an operation may take. */
const lockTimeoutMs = 5_000;

/** Between two looks at a locked file. */
const lockRetryMs = 15;

/** The ORM's driver, except that it waits for other processes without standing still. */
export class WaitingSqliteDriver extends SqliteDriver {
  protected override readonly connection = new WaitingConnection(this.config);
}

class WaitingConnection extends SqliteConnection {
  override createKyselyDialect(options: Record<string, unknown>): kysely.Dialect {
    // SQLite's own way to wait for a lock is to block the thread, and all of the server with it.
    const dialect = super.createKyselyDialect({ ...options, timeout: 0 });
    // The ORM's own way to it connects first, and would wait for this dialect.
    const client = this["database"];
    return {
      createDriver: () => new TurnTakingDriver(client),
      createAdapter: () => new TurnTakingAdapter(),
      createQueryCompiler: () => dialect.createQueryCompiler(),
      createIntrospector: (db) => dialect.createIntrospector(db),
    };
  }
}

/** Kysely leaves taking turns to the driver. */
class TurnTakingAdapter extends kysely.SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

type NativeClient = Awaited<ReturnType<SqliteConnection["getNativeClient"]>>;

/**
 * Lets the users of SQLite's one connection take turns. Who finds the file locked by another process lets the others have
 * theirs, since reading needs no lock, and tries again; after {@link lockTimeoutMs} it fails with `SQLITE_BUSY`.
 */
class TurnTakingDriver extends kysely.SqliteDriver {
  private readonly turns = createTurns();

  constructor(private readonly client: NativeClient) {
    super({ database: client });
  }

  override async init(): Promise<void> {
    await super.init();
    const connection = await super.acquireConnection();
    const execute = connection.executeQuery.bind(connection);
    connection.executeQuery = (query) => this.untilUnlocked(() => execute(query));
    await releaseFailedTransactions(connection);
  }

  override async acquireConnection(): Promise<kysely.DatabaseConnection> {
    await this.turns.take();
    return super.acquireConnection();
  }

  override async releaseConnection(): Promise<void> {
    this.turns.pass();
  }

  /**
   * A transaction that writes takes the lock at its begin. After it has read, it can't have the lock any more once another
   * process has written, however long it waits.
   * @see https://www.sqlite.org/rescode.html#busy_snapshot
   */
  override async beginTransaction(
    connection: kysely.DatabaseConnection,
    settings?: kysely.TransactionSettings,
  ): Promise<void> {
    const begin = settings?.accessMode === "read only" ? "begin" : "begin immediate";
    await connection.executeQuery(kysely.CompiledQuery.raw(begin));
  }

  private async untilUnlocked<Result>(execute: () => Promise<Result>): Promise<Result> {
    const until = performance.now() + lockTimeoutMs;
    for (;;) {
      try {
        return await execute();
      } catch (error) {
        if (!isLocked(error) || performance.now() >= until) throw error;
      }
      await this.letOthers();
    }
  }

  /** A transaction keeps its turn: what others wrote meanwhile would be part of it. */
  private async letOthers(): Promise<void> {
    const { inTransaction } = this.client;
    if (!inTransaction) this.turns.pass();
    await setTimeout(lockRetryMs);
    if (!inTransaction) await this.turns.take();
  }
}

/** Whether another process has the lock. A snapshot that has grown old is no reason to wait. */
const isLocked = (error: unknown) => /^SQLITE_BUSY(_RECOVERY)?$/.test(codeOf(error) ?? "");
