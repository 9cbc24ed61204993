import { TransactionContext } from "@mikro-orm/core";
import { SqlEntityManager } from "@mikro-orm/sql";
import { SqliteConnection, SqliteDriver } from "@mikro-orm/sqlite";
import * as kysely from "kysely";
import { createSqliteAccess, type SqliteAccess } from "./sqlite-access.js";
import type { SqliteTransaction } from "./sqlite-transaction.js";
import { runStatementsBy } from "./statement.js";

/** The ORM's driver, except that all who use its one connection share it as {@link SqliteAccess} does. */
export class SharingSqliteDriver extends SqliteDriver {
  protected override readonly connection = new SharingConnection(this.config);
}

class SharingConnection extends SqliteConnection {
  override createKyselyDialect(options: Record<string, unknown>): kysely.Dialect {
    // SQLite's own way to wait for a lock is to block the thread, and all of the server with it.
    const dialect = super.createKyselyDialect({ ...options, timeout: 0 });
    // The ORM's own way to it connects first, and would wait for this dialect.
    const client = this["database"];
    const access = createSqliteAccess(client, () => this.isCallerInTransaction());
    runStatementsBy(this, access);
    return {
      createDriver: () => new SharingKyselyDriver({ database: client }, access),
      createAdapter: () => new SharingAdapter(),
      createQueryCompiler: () => dialect.createQueryCompiler(),
      createIntrospector: (db) => dialect.createIntrospector(db),
    };
  }

  /** Whether who calls does so, by whatever entity manager, from within a transaction of this connection's. */
  private isCallerInTransaction(): boolean {
    const em = TransactionContext.currentTransactionContext()?.em;
    return em instanceof SqlEntityManager && em.isInTransaction() && em.getConnection() === this;
  }
}

/** Kysely leaves it to the driver how to share. */
class SharingAdapter extends kysely.SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

/** Gives everybody a connection of their own, as far as they can tell. */
class SharingKyselyDriver extends kysely.SqliteDriver {
  constructor(
    config: kysely.SqliteDialectConfig,
    private readonly access: SqliteAccess,
  ) {
    super(config);
  }

  override async acquireConnection(): Promise<SharedConnection> {
    return new SharedConnection(this.access, await super.acquireConnection());
  }

  /**
   * A transaction that writes takes the lock at its begin. After it has read, it can't have the lock any more once another
   * process has written, however long it waits.
   * @see https://www.sqlite.org/rescode.html#busy_snapshot
   */
  override async beginTransaction(connection: SharedConnection, settings?: kysely.TransactionSettings): Promise<void> {
    connection.transaction = await this.access.begin(
      settings?.accessMode === "read only" ? "begin" : "begin immediate",
    );
  }

  override async commitTransaction(connection: SharedConnection): Promise<void> {
    connection.transaction?.commit();
    connection.transaction = undefined;
  }

  override async rollbackTransaction(connection: SharedConnection): Promise<void> {
    connection.transaction?.rollback();
    connection.transaction = undefined;
  }
}

class SharedConnection implements kysely.DatabaseConnection {
  transaction: SqliteTransaction | undefined;

  constructor(
    private readonly access: SqliteAccess,
    private readonly own: kysely.DatabaseConnection,
  ) {}

  async executeQuery<Row>(query: kysely.CompiledQuery): Promise<kysely.QueryResult<Row>> {
    const { transaction, access } = this;
    return transaction ? access.runInside<Row>(transaction, query) : access.run<Row>(query);
  }

  streamQuery<Row>(query: kysely.CompiledQuery, chunkSize: number): AsyncIterableIterator<kysely.QueryResult<Row>> {
    return this.own.streamQuery(query, chunkSize);
  }
}
