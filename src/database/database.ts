import { type SqlEntityManager, SqlMikroORM } from "@mikro-orm/sql";
import type { Pool } from "pg";
import type { Logger } from "pino";
import { codeOf, redact } from "../log.js";
import { type DatabaseConfig, type Entities, ormOptions } from "./options.js";
import { dropServerTimeouts, giveUpSilentConnections, refusesTimeouts } from "./postgresql-pool.js";
import { statementsOn } from "./postgresql-statements.js";
import { prepareSqliteFile } from "./sqlite-file.js";
import { runStatementsBy } from "./statement.js";
import { waitForDatabase } from "./wait-for-database.js";

/** The open database. */
export type Database = SqlMikroORM;

/** Where the ORM lists the migrations that were made. */
const migrationsTable = "mikro_orm_migrations";

/** The number of the lock in PostgreSQL that lets one process migrate at a time. */
const migrationLock = 20_260_001;

/** Opens the database as it is, beside a server or without one. */
export async function connectDatabase(config: DatabaseConfig, entities: Entities): Promise<Database> {
  const database = await SqlMikroORM.init({ ...(await ormOptions(config, entities)), logger: () => {} });
  await connect(database, config);
  if (config.driver === "postgresql") await whyDisconnected(database);
  return database;
}

/**
 * Opens the database and brings its tables up to date. A file of SQLite's is made if it isn't there, which the log tells; a
 * database of PostgreSQL's is not.
 */
export async function openDatabase(config: DatabaseConfig, entities: Entities, log: Logger): Promise<Database> {
  if (config.driver === "sqlite" && prepareSqliteFile(config.file)) log.info({ file: config.file }, "a new database");
  const logger = (message: string) => log.debug({ detail: redact(message) }, "database");
  const database = await SqlMikroORM.init({ ...(await ormOptions(config, entities)), logger, colors: false });
  try {
    await connect(database, config);
    if (config.driver === "postgresql") {
      await waitForDatabase(() => whyDisconnected(database), config.waitSeconds, log);
    }
    await (config.driver === "sqlite" ? migrateSqlite(database) : migratePostgresql(database));
    // Migrations may take their time.
    if (config.driver === "postgresql") giveUpSilentConnections(await poolOf(database));
  } catch (error) {
    await database.close(true);
    throw error;
  }
  return database;
}

/** Writes a copy of the SQLite database as of one moment, without anything that was deleted. The file may be there if it is empty. */
export async function copySqlite(em: SqlEntityManager, file: string): Promise<void> {
  await em.getConnection().execute("vacuum into ?", [file], "run");
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

async function poolOf({ em }: Database): Promise<Pool> {
  const { PostgreSqlConnection } = await import("@mikro-orm/postgresql");
  const connection = em.getConnection();
  if (!(connection instanceof PostgreSqlConnection)) throw new TypeError("this is no connection to PostgreSQL");
  return connection.getNativeClient();
}

async function migrateSqlite(database: Database): Promise<void> {
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
  await keepMigrationsBesideTables(database);
  await connection.transactional(async (transaction) => {
    for (const timeout of ["statement_timeout", "idle_in_transaction_session_timeout"]) {
      await connection.execute(`set local ${timeout} = 0`, [], "run", transaction);
    }
    await connection.execute(`select pg_advisory_xact_lock(${migrationLock})`, [], "run", transaction);
    await database.migrator.up();
  });
}

/** Where unqualified names lead: to the tables of an earlier start, or to where new ones would be made. */
const whereTablesAre = `select current_database() as database, coalesce(
  (select n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = to_regclass('${migrationsTable}')),
  current_schema()
) as schema`;

/** The ORM looks for its list of migrations in `public`, but makes it where the search path leads. */
async function keepMigrationsBesideTables({ em, config }: Database): Promise<void> {
  const [found] = await em
    .getConnection()
    .execute<{ database: string; schema: string | null }[]>(whereTablesAre)
    .catch((error: unknown) => {
      if (codeOf(error) !== "3D000") throw error;
      throw new Error("PostgreSQL has no database of this name; if the name is right, create the database first");
    });
  if (!found?.schema) throw new Error("the search path of this role leads to no schema that is there");
  config.set("dbName", found.database);
  config.set("migrations", { ...config.get("migrations"), tableName: `${found.schema}.${migrationsTable}` });
}
