import { SqlMikroORM } from "@mikro-orm/sql";
import type { Pool } from "pg";
import type { Logger } from "pino";
import { redact } from "../log.js";
import { refuseMissingForeignKeys } from "./foreign-keys.js";
import { migratePostgresql, migrateSqlite } from "./migrate.js";
import { type DatabaseConfig, ormOptions, type Tables } from "./options.js";
import { dropServerTimeouts, giveUpSilentConnections, refusesTimeouts } from "./postgresql-pool.js";
import { statementsOn } from "./postgresql-statements.js";
import { prepareSqliteFile } from "./sqlite-file.js";
import { runStatementsBy } from "./statement.js";
import { waitForDatabase } from "./wait-for-database.js";

/** The open database. */
export type Database = SqlMikroORM;

/** Opens the database as it is, beside a server or without one. */
export async function connectDatabase(config: DatabaseConfig, tables: Tables): Promise<Database> {
  const database = await SqlMikroORM.init({ ...(await ormOptions(config, tables)), logger: () => {} });
  await connect(database, config);
  if (config.driver === "postgresql") await whyDisconnected(database);
  return database;
}

/**
 * Opens the database and brings its tables up to date. A file of SQLite's is made if it isn't there, which the log tells; a
 * database of PostgreSQL's is not.
 */
export async function openDatabase(config: DatabaseConfig, tables: Tables, log: Logger): Promise<Database> {
  const logger = (message: string) => log.debug({ detail: redact(message) }, "database");
  const database = await SqlMikroORM.init({ ...(await ormOptions(config, tables)), logger, colors: false });
  try {
    tables.adopt(database);
    if (config.driver === "sqlite" && prepareSqliteFile(config.file)) log.info({ file: config.file }, "a new database");
    await connect(database, config);
    if (config.driver === "postgresql") {
      await waitForDatabase(() => whyDisconnected(database), config.waitSeconds, log);
    }
    await (config.driver === "sqlite"
      ? migrateSqlite(database, tables.migrations, config.file)
      : migratePostgresql(database, tables.migrations));
    await refuseMissingForeignKeys(database);
    // Migrations may take their time.
    if (config.driver === "postgresql") giveUpSilentConnections(await poolOf(database));
  } catch (error) {
    await database.close(true);
    throw error;
  }
  return database;
}

/**
 * WAL lets readers go on while somebody writes; a full sync makes what was answered survive a power cut as well; and what is
 * deleted is overwritten, so that an erased person isn't left in the file.
 */
const sqliteSettings = ["pragma journal_mode = wal", "pragma synchronous = full", "pragma secure_delete = on"];

async function connect(database: Database, { driver }: DatabaseConfig): Promise<void> {
  if (driver === "postgresql") return connectPostgresql(database);
  await database.connect();
  for (const setting of sqliteSettings) await database.em.getConnection().execute(setting);
}

async function connectPostgresql(database: Database): Promise<void> {
  await database.connect();
  const pool = await poolOf(database);
  runStatementsBy(database.em.getConnection(), statementsOn(pool));
}

/** Why there is no connection to PostgreSQL, if there is none. Finds out on the way what a pooler before it lets us set. */
async function whyDisconnected(database: Database): Promise<unknown> {
  const check = await database.checkConnection();
  if (check.ok) return undefined;
  if (!refusesTimeouts(check.error)) return check.error;
  dropServerTimeouts(await poolOf(database));
  return undefined;
}

/** The connections to PostgreSQL. */
export async function poolOf({ em }: Database): Promise<Pool> {
  const { PostgreSqlConnection } = await import("@mikro-orm/postgresql");
  const connection = em.getConnection();
  if (!(connection instanceof PostgreSqlConnection)) throw new TypeError("this is no connection to PostgreSQL");
  return connection.getNativeClient();
}
