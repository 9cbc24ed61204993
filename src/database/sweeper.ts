import type { SqlEntityManager } from "@mikro-orm/sql";
import type { Logger } from "pino";
import { isToCome } from "../clock.js";
import { describeError } from "../log.js";

/** Rows that a sweep clears away at a time: few enough not to hold up anybody. */
export const sweepBatch = 500;

/** One kind of rows that are no longer good for anything. */
export interface Sweep {
  /** What they are, for the log. */
  what: string;
  /** Clears away {@link sweepBatch} of them at most, and says how many. */
  run(em: SqlEntityManager, now: Date): Promise<number>;
}

/** Clears away what is no longer good for anything: behind the requests that leave it, and while there are none. */
export interface Sweeper {
  /** Starts a sweep if one is due, and doesn't wait for it. */
  sweepIfDue(): void;
  /** Starts no further sweep, and resolves when the one under way is done. */
  close(): Promise<void>;
}

/** Between two sweeps that found little. */
const intervalMs = 60_000;

interface SweeperOptions {
  em: SqlEntityManager;
  sweeps: readonly Sweep[];
  now: () => Date;
  log: Logger;
}

/**
 * Makes the sweeper of a server, and begins with what was left when the server last ended. A sweep that fails is logged, keeps
 * no other from running, and is tried again when the next is due.
 */
export function createSweeper({ em, sweeps, now, log }: SweeperOptions): Sweeper {
  let nextAt = 0;
  let running = Promise.resolve();

  async function run({ what, run }: Sweep): Promise<void> {
    try {
      const rows = await run(em.fork(), now());
      if (rows === sweepBatch) nextAt = 0;
      if (rows > 0) log.debug({ what, rows }, "cleared away");
    } catch (error) {
      log.error({ what, error: describeError(error) }, "clearing away failed");
    }
  }

  async function runAll(): Promise<void> {
    const begunAt = now();
    for (const sweep of sweeps) await run(sweep);
    log.trace({ begunAt }, "everything was swept");
  }

  function sweepIfDue(): void {
    if (isToCome(nextAt, now().getTime(), intervalMs)) return;
    nextAt = now().getTime() + intervalMs;
    running = running.then(runAll);
  }

  const timer = setInterval(sweepIfDue, intervalMs).unref();
  sweepIfDue();

  return {
    sweepIfDue,
    close() {
      clearInterval(timer);
      return running;
    },
  };
}
