import { createHash } from "node:crypto";
import type { QueryResult as PgResult, Pool, PoolClient } from "pg";
import { codeOf } from "../log.js";
import type { Query, Row, StatementRunner } from "./statement.js";

/** Statements that PostgreSQL keeps prepared, by their texts. A name that is made of the text means the same to every process. */
const names = new Map<string, string>();

function nameOf(sql: string): string {
  const known = names.get(sql);
  if (known !== undefined) return known;
  const name = `wxpass_${createHash("sha256").update(sql).digest("hex").slice(0, 32)}`;
  names.set(sql, name);
  return name;
}

/**
 * SQLSTATE of a name that is there already or isn't there, because a pooler on the way leads to several servers, and of a
 * statement whose columns a migration has changed. Nothing has run then.
 */
const unprepared = new Set(["42P05", "26000", "0A000"]);

/** Runs statements on whichever connection of the pool is free. PostgreSQL keeps them prepared, until that fails once. */
export function statementsOn(pool: Pool): StatementRunner {
  let keepsPrepared = true;

  async function send(client: PoolClient, { sql, parameters }: Query) {
    const values = [...parameters];
    try {
      if (keepsPrepared) return outcomeOf(await client.query<Row>({ name: nameOf(sql), text: sql, values }));
    } catch (error) {
      if (!unprepared.has(codeOf(error) ?? "")) throw error;
      keepsPrepared = false;
    }
    return outcomeOf(await client.query<Row>(sql, values));
  }

  async function onConnection<Outcome>(work: (client: PoolClient) => Promise<Outcome>): Promise<Outcome> {
    const client = await pool.connect();
    try {
      return await work(client);
    } finally {
      client.release();
    }
  }

  return {
    run: (query) => onConnection((client) => send(client, query)),
    runThen: (first, others) =>
      onConnection(async (client) => {
        const [done, ...after] = await Promise.allSettled([first, ...others].map((query) => send(client, query)));
        if (done?.status === "rejected") throw done.reason;
        return after.find((each) => each.status === "rejected")?.reason;
      }),
  };
}

const outcomeOf = ({ rows, rowCount }: PgResult<Row>) => ({ rows, numAffectedRows: BigInt(rowCount ?? 0) });
