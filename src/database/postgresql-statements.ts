import type { Pool } from "pg";
import type { Query, Row, StatementRunner } from "./statement.js";

/** Runs statements on whichever connection of the pool is free. They have no names there, which poolers on the way would mix up. */
export function statementsOn(pool: Pool): StatementRunner {
  async function run({ sql, parameters }: Query) {
    const client = await pool.connect();
    try {
      const { rows, rowCount } = await client.query<Row>(sql, [...parameters]);
      return { rows, numAffectedRows: BigInt(rowCount ?? 0) };
    } finally {
      client.release();
    }
  }

  return {
    run,
    async runBoth(first, second) {
      await run(first);
      return run(second).then(
        () => undefined,
        (error: unknown) => error,
      );
    },
  };
}
