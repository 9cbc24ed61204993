import { within } from "../within.js";
import type { Database } from "./database.js";
import type { Row, Value } from "./statement.js";

/** Statements that stand by themselves and aren't worth a wait. */
export interface BriefStatements {
  /** Runs a statement of PostgreSQL's, with `$1`, `$2` … for its values, outside every transaction. */
  rows(text: string, values: readonly Value[]): Promise<Row[]>;
  /** How many connections there are for everybody. */
  connections: number;
}

/**
 * Makes the runner of brief statements. One that isn't answered in time loses its connection, so that it keeps nobody else
 * from the database: leaving it to end by itself would, and behind PgBouncer no session may have a timeout of its own.
 */
export async function createBriefStatements({ em }: Database, timeoutMs: number): Promise<BriefStatements> {
  const { PostgreSqlConnection } = await import("@mikro-orm/postgresql");
  const connection = em.getConnection();
  if (!(connection instanceof PostgreSqlConnection)) throw new TypeError("this is no connection to PostgreSQL");
  const pool = await connection.getNativeClient();

  return {
    connections: pool.options.max,
    async rows(text, values) {
      const client = await pool.connect();
      try {
        const { rows } = await within(timeoutMs, client.query<Row>(text, [...values]), () => {
          throw new Error(`no answer within ${timeoutMs} ms`);
        });
        client.release();
        return rows;
      } catch (error) {
        client.release(true);
        throw error;
      }
    },
  };
}
