import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { Migrator } from "@mikro-orm/migrations";
import { SqlMikroORM, type SqlOptions } from "@mikro-orm/sql";
import type { Logger } from "pino";
import { Identity, Unionid } from "../auth/identity.js";
import { Session } from "../auth/session.js";
import { AvatarCheck } from "../avatar/avatar-check.js";
import { redact } from "../errors.js";
import { HandledPush, UsedPushAddress } from "../privacy/handled-push.js";
import type { DatabaseConfig } from "../settings/config.js";
import { User } from "../user/user.js";
import { migrations } from "./migrations/migrations.js";

/** The open database. */
export type Database = SqlMikroORM;

const common = {
  entities: [User, Identity, Unionid, Session, AvatarCheck, HandledPush, UsedPushAddress],
  extensions: [Migrator],
  onCreateConnection: forgiveRollback,
};

/** Milliseconds after which PostgreSQL gives up a statement: less than an operation may take, so that what is answered as failed has failed. */
const statementTimeout = 8_000;

/** Milliseconds until a connection to PostgreSQL must stand, or one of the pool be free. */
const connectTimeout = 5_000;

/** The number of the lock in PostgreSQL that lets one process migrate at a time. */
const migrationLock = 20_260_001;

/** Where the rate limits of several processes are counted. It has no entity: the library that counts writes it. */
export const countersTable = "rate_limits";

/** Milliseconds that a writer waits for another process to finish writing to the SQLite file. */
const busyTimeout = 2_000;

/** The ORM's options for the driver that the address names; only that driver is loaded. */
export async function ormOptions(config: DatabaseConfig): Promise<SqlOptions> {
  if (config.driver === "sqlite") {
    const { SqliteDriver } = await import("@mikro-orm/sqlite");
    return {
      ...common,
      driver: SqliteDriver,
      dbName: config.file,
      driverOptions: { timeout: busyTimeout },
      migrations: { ...migrationOptions("sqlite"), transactional: false, allOrNothing: false },
    };
  }
  const { PostgreSqlDriver } = await import("@mikro-orm/postgresql");
  return {
    ...common,
    driver: PostgreSqlDriver,
    clientUrl: config.url,
    schemaGenerator: { skipTables: [countersTable] },
    driverOptions: { statement_timeout: statementTimeout, connectionTimeoutMillis: connectTimeout },
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

/** Opens the database as it is, beside a server or without one. */
export async function connectDatabase(config: DatabaseConfig): Promise<Database> {
  const database = await SqlMikroORM.init({ ...(await ormOptions(config)), logger: () => {} });
  if (config.driver === "sqlite") await setSqliteUp(database);
  return database;
}

/** Opens the database and brings its tables up to date. */
export async function openDatabase(config: DatabaseConfig, log: Logger): Promise<Database> {
  if (config.driver === "sqlite") mkdirSync(dirname(config.file), { recursive: true });
  const logger = (message: string) => log.debug({ detail: redact(message) }, "database");
  const database = await SqlMikroORM.init({ ...(await ormOptions(config)), logger, colors: false });
  try {
    await (config.driver === "sqlite" ? migrateSqlite(database) : migratePostgresql(database));
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

async function setSqliteUp({ em }: Database): Promise<void> {
  for (const setting of sqliteSettings) await em.getConnection().execute(setting);
}

async function migrateSqlite(database: Database): Promise<void> {
  await setSqliteUp(database);
  const connection = database.em.getConnection();
  await connection.execute("begin immediate");
  try {
    await database.migrator.up();
    await connection.execute("commit");
  } catch (error) {
    await connection.execute("rollback");
    throw error;
  }
}

/** Of several processes starting at once one migrates and the others wait: PostgreSQL holds this lock until the transaction ends. */
async function migratePostgresql(database: Database): Promise<void> {
  const connection = database.em.getConnection();
  await connection.transactional(async (transaction) => {
    await connection.execute("set local statement_timeout = 0", [], "run", transaction);
    await connection.execute(`select pg_advisory_xact_lock(${migrationLock})`, [], "run", transaction);
    await database.migrator.up();
  });
}
