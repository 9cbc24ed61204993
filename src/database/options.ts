import { type Migration, Migrator } from "@mikro-orm/migrations";
import type { Constructor, SqlMikroORM, SqlOptions } from "@mikro-orm/sql";
import { releaseFailedTransactions } from "./failed-transactions.js";
import { poolOptions } from "./postgresql-pool.js";
import { databaseNameOf, driverUrl } from "./postgresql-url.js";

/** Where the data is, and so which driver reads it. */
export type DatabaseConfig = { driver: "sqlite"; file: string } | PostgresqlConfig;

interface PostgresqlConfig {
  driver: "postgresql";
  url: string;
  /** How many connections there are at most. */
  poolSize: number;
  /** How long a start waits for the database; 0 is for ever. */
  waitSeconds: number;
}

/** What changes tables, for both databases and in order. The names are kept in the database: none is ever changed. */
export interface Migrations {
  sqlite: NamedMigration[];
  postgresql: NamedMigration[];
}

/** A class of MikroORM's that makes or changes tables, and its name. */
interface NamedMigration {
  name: string;
  class: Constructor<Migration>;
}

/** What the database holds: a class for each table, and what makes the tables. */
export interface Tables {
  entities: NonNullable<SqlOptions["entities"]>;
  migrations: Migrations;
  /** Looks at what the ORM makes of the entities, before anything in the database is touched; throws if they can't stay. */
  adopt(database: SqlMikroORM): void;
}

/** Where the rate limits of several processes are counted. It has no entity: the library that counts writes it. */
export const countersTable = "rate_limits";

/** Where SQLite's triggers count rows; it has no entity either. */
const rowCountsTable = "row_counts";

/** Whether the triggers write what webhooks tell: one row, without an entity. */
const switchTable = "outbox_switch";

/** The ORM's options for the driver that the address names; only that driver is loaded. */
export async function ormOptions(config: DatabaseConfig, { entities, migrations }: Tables): Promise<SqlOptions> {
  // Nothing here changes entities and leaves it to the ORM to notice, which costs an accessor for each property of each row.
  const common = { entities, extensions: [Migrator], propagationOnPrototype: false };
  if (config.driver === "sqlite") {
    const { SharingSqliteDriver } = await import("./sqlite-driver.js");
    return {
      ...common,
      driver: SharingSqliteDriver,
      dbName: config.file,
      schemaGenerator: { skipTables: [rowCountsTable, switchTable], ignoreTriggers: true, ignoreRoutines: true },
      migrations: { ...migrationOptions("sqlite", migrations), transactional: false, allOrNothing: false },
    };
  }
  const { PostgreSqlDriver } = await import("@mikro-orm/postgresql");
  return {
    ...common,
    driver: PostgreSqlDriver,
    onCreateConnection: releaseFailedTransactions,
    dbName: databaseNameOf(config.url),
    // A name that was misspelt is refused, not made.
    ensureDatabase: false,
    schemaGenerator: { skipTables: [countersTable, switchTable], ignoreTriggers: true, ignoreRoutines: true },
    // The ORM would drop what stands after `?`. What does goes before these.
    driverOptions: { connectionString: driverUrl(config.url), ...poolOptions(config.poolSize) },
    migrations: migrationOptions("postgresql", migrations),
  };
}

const migrationOptions = (driver: DatabaseConfig["driver"], migrations: Migrations) => ({
  migrationsList: migrations[driver],
  path: `src/database/migrations/${driver}`,
  snapshot: false,
  disableForeignKeys: false,
});
