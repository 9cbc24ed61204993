import type { QueryResult } from "@mikro-orm/core";
import type { SqlEntityManager } from "@mikro-orm/sql";
import type { Logger } from "pino";
import { reportError } from "../errors.js";

/** Clears away dead sessions, a few at a time, behind the sign-ins that make new ones. */
export interface SessionSweeper {
  /** Starts a sweep if one is due, and doesn't wait for it. */
  sweep(): void;
  /** Resolves when the sweep under way is done. */
  settled(): Promise<void>;
}

/** Milliseconds between two sweeps that found little. */
const interval = 60_000;

/** Sessions in a sweep: few enough not to hold up anybody. */
const batch = 500;

const statement = `
  delete from sessions where id in (select id from sessions where expires_at <= ? limit ${batch})`;

/** Makes the sweeper of a server. */
export function createSessionSweeper(em: SqlEntityManager, now: () => Date, log: Logger): SessionSweeper {
  let next = 0;
  let running = Promise.resolve();

  async function run(): Promise<void> {
    const { affectedRows } = await em.fork().getConnection().execute<QueryResult>(statement, [now()], "run");
    if (affectedRows === batch) next = 0;
    if (affectedRows > 0) log.debug({ sessions: affectedRows }, "cleared dead sessions away");
  }

  return {
    sweep() {
      if (now().getTime() < next) return;
      next = now().getTime() + interval;
      running = run().catch((error) => log.error({ error: reportError(error) }, "clearing dead sessions failed"));
    },
    settled: () => running,
  };
}
