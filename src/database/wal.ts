import type { SqlEntityManager } from "@mikro-orm/sql";
import { CompiledQuery, type Kysely } from "kysely";
import type { Logger } from "pino";
import { codeOf, describeError } from "../log.js";
import { isSqlite } from "./statement.js";
import type { Sweep } from "./sweeper.js";

/**
 * Moves what SQLite's write-ahead log holds into the file and empties the log, in which what was deleted would stay readable
 * until something else is written over it. It waits for nobody: false if another process, or a transaction of this one, stands
 * in the way. PostgreSQL keeps its log itself.
 * @see https://www.sqlite.org/pragma.html#pragma_wal_checkpoint
 */
export async function truncateWal(em: SqlEntityManager): Promise<boolean> {
  if (!isSqlite(em)) return true;
  return em
    .getKysely()
    .connection()
    .execute(async (connection) => {
      const [timeout] = await pragma(connection, "busy_timeout");
      await pragma(connection, "busy_timeout = 0");
      try {
        const [result] = await pragma(connection, "wal_checkpoint(truncate)");
        return result?.["busy"] === 0;
      } catch (error) {
        if (/^SQLITE_(BUSY|LOCKED)/.test(codeOf(error) ?? "")) return false;
        throw error;
      } finally {
        await pragma(connection, `busy_timeout = ${Number(timeout?.["timeout"])}`);
      }
    });
}

type Connection = Pick<Kysely<unknown>, "executeQuery">;

async function pragma(connection: Connection, text: string): Promise<Record<string, unknown>[]> {
  return (await connection.executeQuery<Record<string, unknown>>(CompiledQuery.raw(`pragma ${text}`))).rows;
}

/** Leaves nothing readable of what was just deleted. What can't be done at once is made good by {@link deletedTraces}. */
export async function purgeDeleted({ em, log }: { em: SqlEntityManager; log: Logger }): Promise<void> {
  try {
    if (!(await truncateWal(em)))
      log.info("the database is being read: what was deleted leaves its log within minutes");
  } catch (error) {
    log.warn({ error: describeError(error) }, "the database's log could not be emptied: it is tried again");
  }
}

/** What was deleted or overwritten, by whomever, and is still in the log of SQLite. */
export const deletedTraces: Sweep = {
  what: "what was deleted in the log",
  async run(em) {
    if (!(await truncateWal(em))) throw new Error("somebody keeps reading the database");
    return 0;
  },
};
