import { type SqlEntityManager, SqlitePlatform } from "@mikro-orm/sql";
import { CompiledQuery, type QueryResult } from "kysely";

/** What can be bound to a statement. */
export type Value = string | number | Date | null;

/** A row as the database gives it, by the names of its columns. */
export type Row = Record<string, unknown>;

/** The time in a column that may be empty. */
export const optionalTimeOf = (value: unknown): Date | null => (value === null ? null : timeOf(value));

/** A text of SQL as one database takes it, and the values that are bound to it. */
export interface Query {
  sql: string;
  parameters: readonly unknown[];
}

/** The time in a column: SQLite gives milliseconds since 1970, PostgreSQL the text or the time of a `timestamptz`. */
export function timeOf(value: unknown): Date {
  if (typeof value === "number" || typeof value === "string" || value instanceof Date) return new Date(value);
  throw new TypeError("the column holds no time");
}

/** A statement that both databases understand. */
export interface Statement {
  /** The rows that it selects or returns. */
  rows(em: SqlEntityManager, values: readonly Value[]): Promise<Row[]>;
  /** How many rows it has changed. */
  run(em: SqlEntityManager, values: readonly Value[]): Promise<number>;
  /** The statement with its values, as the database takes it. */
  bind(em: SqlEntityManager, values: readonly Value[]): Query;
}

const texts = new Set<string>();

/** Whether a text is that of a statement. There is an end to them, so a driver may keep them prepared. */
export const isStatement = (text: string) => texts.has(text);

/** Runs statements outside of transactions. */
export interface StatementRunner {
  /** What a statement writes is committed when this resolves. */
  run(query: Query): Promise<QueryResult<Row>>;
  /** Runs a statement, and others after it; see {@link runThen}. */
  runThen(first: Query, others: readonly Query[]): Promise<unknown>;
}

const runners = new WeakMap<object, StatementRunner>();

/** Has statements on a connection of the ORM's run by the database's own driver, since Kysely takes longer than SQLite. */
export function runStatementsBy(connection: object, runner: StatementRunner): void {
  runners.set(connection, runner);
}

/** Whether it is SQLite that the statements are for. */
export const isSqlite = (em: SqlEntityManager) => em.getPlatform() instanceof SqlitePlatform;

/** SQLite has no type for times; the ORM keeps them as milliseconds since 1970. */
const storedInSqlite = (value: Value) => (value instanceof Date ? value.getTime() : value);

async function execute(em: SqlEntityManager, query: Query): Promise<QueryResult<Row>> {
  try {
    return em.isInTransaction()
      ? await em.getKysely().executeQuery<Row>(CompiledQuery.raw(query.sql, [...query.parameters]))
      : await runnerOf(em).run(query);
  } catch (error) {
    throw asOrmError(em, error);
  }
}

function runnerOf(em: SqlEntityManager): StatementRunner {
  const runner = runners.get(em.getConnection());
  if (!runner) throw new TypeError("nobody runs statements on this connection");
  return runner;
}

const asOrmError = (em: SqlEntityManager, error: unknown) =>
  error instanceof Error ? em.getPlatform().getExceptionConverter().convertException(error) : error;

/** PostgreSQL's way to write where values belong. */
function withNumbers(text: string): string {
  let count = 0;
  return text.replace(/\?/g, () => `$${++count}`);
}

/**
 * Declares a statement written by hand, with `?` for each value: once, where a module begins. Values are bound and never
 * part of the text. It runs in the transaction of the entity manager that it is given, if there is one, and fails with the ORM's exceptions.
 */
export function statement(text: string): Statement {
  const numbered = withNumbers(text);
  texts.add(text);

  const bind = (em: SqlEntityManager, values: readonly Value[]): Query =>
    isSqlite(em) ? { sql: text, parameters: values.map(storedInSqlite) } : { sql: numbered, parameters: values };

  return {
    bind,
    rows: async (em, values) => (await execute(em, bind(em, values))).rows,
    run: async (em, values) => Number((await execute(em, bind(em, values))).numAffectedRows ?? 0),
  };
}

/** A text of SQL that is put together of constant parts, with `?` for each value, and the values. */
export interface Composed {
  text: string;
  values: readonly Value[];
}

/**
 * The rows of a query of which there are many kinds. PostgreSQL doesn't keep it prepared but plans it for its values, of which one
 * may be rare and another one everybody's.
 */
export async function select(em: SqlEntityManager, { text, values }: Composed): Promise<Row[]> {
  const query = isSqlite(em)
    ? CompiledQuery.raw(text, values.map(storedInSqlite))
    : CompiledQuery.raw(withNumbers(text), [...values]);
  try {
    return (await em.getKysely().executeQuery<Row>(query)).rows;
  } catch (error) {
    throw asOrmError(em, error);
  }
}

/** A statement and its values. */
export type Call = readonly [Statement, readonly Value[]];

/**
 * Runs a statement outside of transactions, and once it is committed others, so that they see what everybody has committed by
 * then; SQLite, where nobody writes in between, makes one commit of all. Throws what the first throws, and returns what another
 * throws: the first stands all the same.
 */
export async function runThen(em: SqlEntityManager, first: Call, ...others: readonly Call[]): Promise<unknown> {
  const bound = ([each, values]: Call) => each.bind(em, values);
  try {
    return await runnerOf(em).runThen(bound(first), others.map(bound));
  } catch (error) {
    throw asOrmError(em, error);
  }
}
