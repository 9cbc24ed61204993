import type { SqlEntityManager, SqlMikroORM } from "@mikro-orm/sql";
import { codeOf } from "../log.js";
import type { Migrations } from "./options.js";
import { copyBeforeMigration } from "./sqlite-copy.js";
import { isSqlite } from "./statement.js";

/** Where the ORM lists the migrations that were made. */
const migrationsTable = "mikro_orm_migrations";

/** The number of the lock in PostgreSQL that lets one process migrate at a time. */
const migrationLock = 20_260_001;

/**
 * Brings the tables of a SQLite file up to date, all of it or nothing, after a copy of what there was.
 * @throws Error if there is no room for the copy, or another program has changed the tables
 */
export async function migrateSqlite(database: SqlMikroORM, { sqlite: known }: Migrations, file: string): Promise<void> {
  const connection = database.em.getConnection();
  const made = await madeIn(database.em);
  if (made.length > 0 && known.some(({ name }) => !made.includes(name))) {
    await copyBeforeMigration(database.em, file);
  }
  await connection.execute("begin immediate");
  try {
    await refuseForeign(database, known);
    await database.migrator.up();
    await connection.execute("commit");
  } catch (error) {
    await connection.execute("rollback");
    throw error;
  }
}

/** How the tables are: as this program makes them, or older, or changed by another one, or none, as before the first start. */
export type TablesState = "current" | "older" | "foreign" | "none";

/** Compares the tables with this version's, and changes nothing. */
export async function stateOfTables({ em }: SqlMikroORM, migrations: Migrations): Promise<TablesState> {
  const made = await madeIn(em);
  if (made.length === 0) return "none";
  if (unknownOf(made, knownTo(em, migrations)).length > 0) return "foreign";
  return made.length < knownTo(em, migrations).length ? "older" : "current";
}

/** The migrations in a database that this program doesn't know: of an own back end, or of a newer version. */
export const unknownMigrations = async ({ em }: SqlMikroORM, migrations: Migrations): Promise<string[]> =>
  unknownOf(await madeIn(em), knownTo(em, migrations));

const knownTo = (em: SqlEntityManager, migrations: Migrations) => migrations[isSqlite(em) ? "sqlite" : "postgresql"];

function unknownOf(made: readonly string[], known: readonly { name: string }[]): string[] {
  const names = new Set(known.map(({ name }) => name));
  return made.filter((name) => !names.has(name));
}

const listIsThere = {
  sqlite: "select 1 from sqlite_master where name = ?",
  postgresql: "select 1 where to_regclass(?) is not null",
};

/** The names of the migrations that a database has had, if any. */
async function madeIn(em: SqlEntityManager): Promise<string[]> {
  const connection = em.getConnection();
  const question = listIsThere[isSqlite(em) ? "sqlite" : "postgresql"];
  const tables = await connection.execute(question, [migrationsTable]);
  if (tables.length === 0) return [];
  const rows = await connection.execute<{ name: string }[]>(`select name from ${migrationsTable}`);
  return rows.map(({ name }) => name);
}

/** What another program writes, this one would not write; and what that one has forgotten, this one would look for. */
async function refuseForeign({ migrator }: SqlMikroORM, known: readonly { name: string }[]): Promise<void> {
  const made = await migrator.getExecuted();
  const unknown = unknownOf(
    made.map(({ name }) => name),
    known,
  );
  if (unknown.length === 0) return;
  throw new Error(
    `made by an own back end, or by a newer version of wxpass: start it with that (migrations ${unknown.join(", ")})`,
  );
}

/**
 * Brings the tables in PostgreSQL up to date. Of several processes starting at once one does so and the others wait:
 * PostgreSQL holds this lock until the transaction ends.
 * @throws Error if another program has changed the tables
 */
export async function migratePostgresql(database: SqlMikroORM, { postgresql: known }: Migrations): Promise<void> {
  const connection = database.em.getConnection();
  await keepMigrationsBesideTables(database);
  await connection.transactional(async (transaction) => {
    for (const timeout of ["statement_timeout", "idle_in_transaction_session_timeout"]) {
      await connection.execute(`set local ${timeout} = 0`, [], "run", transaction);
    }
    await connection.execute(`select pg_advisory_xact_lock(${migrationLock})`, [], "run", transaction);
    await refuseForeign(database, known);
    await database.migrator.up();
  });
}

/** Where unqualified names lead: to the tables of an earlier start, or to where new ones would be made. */
const whereTablesAre = `select current_database() as database, coalesce(
  (select n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = to_regclass('${migrationsTable}')),
  current_schema()
) as schema`;

/** The ORM looks for its list of migrations in `public`, but makes it where the search path leads. */
async function keepMigrationsBesideTables({ em, config }: SqlMikroORM): Promise<void> {
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

/** Whether the tables are other than the entities say: somebody has changed an entity, and not written a migration. */
export async function differsFromEntities({ schema }: SqlMikroORM): Promise<boolean> {
  return (await schema.getUpdateSchemaSQL({ wrap: false })).trim() !== "";
}
