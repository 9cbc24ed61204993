import { Migrator } from "@mikro-orm/migrations";
import type { SqlOptions } from "@mikro-orm/sql";
import { migrations } from "./migrations/migrations.js";
import { databaseNameOf, driverUrl } from "./postgresql-url.js";

/** Where the data is, and so which driver reads it. */
export type DatabaseConfig = { driver: "sqlite"; file: string } | { driver: "postgresql"; url: string };

/** What the database holds: a class for each table. */
export type Entities = NonNullable<SqlOptions["entities"]>;

/** What PostgreSQL gives up after: less than an operation may take, so that what is answered as failed has failed. */
const statementTimeoutMs = 8_000;

/** In which a connection to PostgreSQL must stand, or one of the pool be free. */
const connectTimeoutMs = 5_000;

/** How long a writer waits for another process to finish writing to the SQLite file. */
const busyTimeoutMs = 2_000;

/** Where the rate limits of several processes are counted. It has no entity: the library that counts writes it. */
export const countersTable = "rate_limits";

/** The ORM's options for the driver that the address names; only that driver is loaded. */
export async function ormOptions(config: DatabaseConfig, entities: Entities): Promise<SqlOptions> {
  const common = { entities, extensions: [Migrator], onCreateConnection: forgiveRollback };
  if (config.driver === "sqlite") {
    const { SqliteDriver } = await import("@mikro-orm/sqlite");
    return {
      ...common,
      driver: SqliteDriver,
      dbName: config.file,
      driverOptions: { timeout: busyTimeoutMs },
      migrations: { ...migrationOptions("sqlite"), transactional: false, allOrNothing: false },
    };
  }
  const { PostgreSqlDriver } = await import("@mikro-orm/postgresql");
  return {
    ...common,
    driver: PostgreSqlDriver,
    dbName: databaseNameOf(config.url),
    // A name that was misspelt is refused, not made.
    ensureDatabase: false,
    schemaGenerator: { skipTables: [countersTable] },
    // The ORM would drop what stands after `?`. What does goes before these.
    driverOptions: {
      connectionString: driverUrl(config.url),
      statement_timeout: statementTimeoutMs,
      connectionTimeoutMillis: connectTimeoutMs,
    },
    migrations: migrationOptions("postgresql"),
  };
}

interface QueryRunner {
  executeQuery(query: { sql: string }, ...options: unknown[]): Promise<unknown>;
}

const isQueryRunner = (connection: unknown): connection is QueryRunner =>
  typeof connection === "object" && connection !== null && "executeQuery" in connection;

/**
 * Where a rollback fails there is nothing left to roll back: SQLite has done it by itself, as when the disk is full, or
 * the connection to PostgreSQL is cut. Kysely gives a connection back only after a rollback that succeeds, so without
 * this SQLite's only connection would be lost until the next start, and PostgreSQL's pool would shrink with every cut.
 */
async function forgiveRollback(connection: unknown): Promise<void> {
  if (!isQueryRunner(connection)) throw new TypeError("the database driver has changed its connections");
  const execute = connection.executeQuery.bind(connection);
  connection.executeQuery = async (query, ...options) => {
    try {
      return await execute(query, ...options);
    } catch (error) {
      if (query.sql === "rollback") return { rows: [] };
      throw error;
    }
  };
}

const migrationOptions = (driver: DatabaseConfig["driver"]) => ({
  migrationsList: migrations[driver],
  path: `src/database/migrations/${driver}`,
  snapshot: false,
  disableForeignKeys: false,
});
