import type { SqlEntityManager } from "@mikro-orm/sql";
import { z } from "zod";
import { isSqlite, type Row, type Statement, statement } from "./statement.js";

/** The tables that grow with the number of people. */
export type CountedTable = "users" | "sessions";

/** What triggers count. */
const kept = statement("select rows from row_counts where name = ?");

/** PostgreSQL counts to here; from here on an estimate is as good. */
const maxCounted = 10_000;

const counted: Record<CountedTable, Statement> = {
  users: statement(`select count(*) as rows from (select 1 from users limit ${maxCounted}) as first_ones`),
  sessions: statement(`select count(*) as rows from (select 1 from sessions limit ${maxCounted}) as first_ones`),
};

const expected: Record<CountedTable, Statement> = {
  users: statement("explain (format json) select from users"),
  sessions: statement("explain (format json) select from sessions"),
};

const planShape = z.tuple([z.object({ Plan: z.object({ "Plan Rows": z.number() }) })]);

/**
 * How many rows a table has, in a time that doesn't grow with them. SQLite's triggers keep the number; in PostgreSQL all who
 * write would wait for each other there, so beyond 10,000 it is what the planner expects by the table's size.
 * @see https://www.postgresql.org/docs/current/row-estimation-examples.html
 */
export async function countRows(em: SqlEntityManager, table: CountedTable): Promise<number> {
  if (isSqlite(em)) return rowsOf(await kept.rows(em, [table]));
  const rows = rowsOf(await counted[table].rows(em, []));
  return rows < maxCounted ? rows : Math.max(rows, await expectedRows(em, table));
}

const rowsOf = ([row]: Row[]) => Number(row?.["rows"]);

async function expectedRows(em: SqlEntityManager, table: CountedTable): Promise<number> {
  const [row] = await expected[table].rows(em, []);
  const [{ Plan: plan }] = planShape.parse(row?.["QUERY PLAN"]);
  return plan["Plan Rows"];
}
