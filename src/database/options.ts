import { Migrator } from "@mikro-orm/migrations";
import type { SqlOptions } from "@mikro-orm/sql";
import { releaseFailedTransactions } from "./failed-transactions.js";
import { migrations } from "./migrations/migrations.js";

/** Where the data is, and so which driver reads it. */
export type DatabaseConfig = { driver: "sqlite"; file: string } | { driver: "postgresql"; url: string };

/** What the database holds: a class for each table. */
export type Entities = NonNullable<SqlOptions["entities"]>;

/** What PostgreSQL gives up after: less than an operation may take, so that what is answered as failed has failed. */
const statementTimeoutMs = 8_000;

/** In which a connection to PostgreSQL must stand, or one of the pool be free. */
const connectTimeoutMs = 5_000;

/** Where the rate limits of several processes are counted. It has no entity: the library that counts writes it. */
export const countersTable = "rate_limits";

/** The ORM's options for the driver that the address names; only that driver is loaded. */
export async function ormOptions(config: DatabaseConfig, entities: Entities): Promise<SqlOptions> {
  const common = { entities, extensions: [Migrator], onCreateConnection: releaseFailedTransactions };
  if (config.driver === "sqlite") {
    const { WaitingSqliteDriver } = await import("./sqlite-driver.js");
    return {
      ...common,
      driver: WaitingSqliteDriver,
      dbName: config.file,
      migrations: { ...migrationOptions("sqlite"), transactional: false, allOrNothing: false },
    };
  }
  const { PostgreSqlDriver } = await import("@mikro-orm/postgresql");
  return {
    ...common,
    driver: PostgreSqlDriver,
    clientUrl: config.url,
    schemaGenerator: { skipTables: [countersTable] },
    driverOptions: { statement_timeout: statementTimeoutMs, connectionTimeoutMillis: connectTimeoutMs },
    migrations: migrationOptions("postgresql"),
  };
}

const migrationOptions = (driver: DatabaseConfig["driver"]) => ({
  migrationsList: migrations[driver],
  path: `src/database/migrations/${driver}`,
  snapshot: false,
  disableForeignKeys: false,
});
