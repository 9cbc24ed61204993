import { type SqlEntityManager, SqlitePlatform } from "@mikro-orm/sql";
import { CompiledQuery, type QueryResult } from "kysely";

/** What can be bound to a statement. */
export type Value = string | number | Date | null;

/** A row as the database gives it, by the names of its columns. */
export type Row = Record<string, unknown>;

/** A statement that both databases understand. */
export interface Statement {
  /** The rows that it selects or returns. */
  rows(em: SqlEntityManager, values: readonly Value[]): Promise<Row[]>;
  /** How many rows it has changed. */
  run(em: SqlEntityManager, values: readonly Value[]): Promise<number>;
}

const texts = new Set<string>();

/** Whether a text is that of a statement. There is an end to them, so a driver may keep them prepared. */
export const isStatement = (text: string) => texts.has(text);

/**
 * Declares a statement written by hand, with `?` for each value: once, where a module begins. Values are bound and never
 * part of the text. It runs in the transaction of the entity manager that it is given, if there is one, and fails with the ORM's exceptions.
 */
export function statement(text: string): Statement {
  let count = 0;
  const numbered = text.replace(/\?/g, () => `$${++count}`);
  texts.add(text);

  async function execute(em: SqlEntityManager, values: readonly Value[]): Promise<QueryResult<Row>> {
    const query =
      em.getPlatform() instanceof SqlitePlatform
        ? CompiledQuery.raw(text, values.map(storedInSqlite))
        : CompiledQuery.raw(numbered, [...values]);
    try {
      return await em.getKysely().executeQuery<Row>(query);
    } catch (error) {
      throw error instanceof Error ? em.getPlatform().getExceptionConverter().convertException(error) : error;
    }
  }

  return {
    rows: async (em, values) => (await execute(em, values)).rows,
    run: async (em, values) => Number((await execute(em, values)).numAffectedRows ?? 0),
  };
}

/** SQLite has no type for times; the ORM keeps them as milliseconds since 1970. */
const storedInSqlite = (value: Value) => (value instanceof Date ? value.getTime() : value);
