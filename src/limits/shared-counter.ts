import type { Logger } from "pino";
import { RateLimiterPostgres } from "rate-limiter-flexible";
import { clockSkewMs, isToCome } from "../clock.js";
import type { Database } from "../database/database.js";
import { countersTable } from "../database/options.js";
import { statement } from "../database/statement.js";
import { type Sweep, sweepBatch } from "../database/sweeper.js";
import { describeError } from "../log.js";
import { within } from "../within.js";
import { type CreateCounter, createLocalCounter, type RateLimit, waitAfter } from "./counter.js";

/** For a count. A limit is not worth a longer wait. */
const countTimeoutMs = 1_000;

/** For which the database is left alone after it has failed to count. */
const pauseMs = 10_000;

/** Sweeps of several processes at once don't wait for each other. */
const forgetOld = statement(`
  delete from ${countersTable} where key in (
    select key from ${countersTable} where expire < ? limit ${sweepBatch} for update skip locked
  )`);

/** Counts whose time is over. */
export const oldCounts: Sweep = { what: "old counts", run: (em, now) => forgetOld.run(em, [now.getTime()]) };

/** Counts afresh where a window ends later than it can: then it began before the clock was set back. */
async function consume(shared: RateLimiterPostgres, name: string, { seconds }: RateLimit): Promise<number> {
  const waitMs = await waitAfter(shared.consume(name));
  if (waitMs <= seconds * 1_000 + clockSkewMs) return waitMs;
  await shared.delete(name);
  return waitAfter(shared.consume(name));
}

/**
 * Makes counters in PostgreSQL, where all processes count together. While the database can't count, each process counts for
 * itself, so that requests go on.
 */
export async function createSharedCounters({ em }: Database, now: () => Date): Promise<CreateCounter> {
  // The library writes its own statements, and counts in no transaction of a request's.
  const pool = await em.getConnection().getNativeClient();
  let localUntil = 0;

  function fallBack(error: unknown, log: Logger): void {
    if (isToCome(localUntil, now().getTime(), pauseMs)) return;
    localUntil = now().getTime() + pauseMs;
    log.warn(
      { error: describeError(error) },
      "rate limits can't be counted in the database: counting in memory for now",
    );
  }

  return (limit) => {
    const shared = new RateLimiterPostgres({
      points: limit.times,
      duration: limit.seconds,
      inMemoryBlockOnConsumed: limit.times + 1,
      keyPrefix: "",
      storeClient: pool,
      storeType: "pool",
      tableName: countersTable,
      tableCreated: true,
      clearExpiredByTimeout: false,
    });
    const local = createLocalCounter(limit);
    return async (name, log) => {
      if (isToCome(localUntil, now().getTime(), pauseMs)) return local(name, log);
      try {
        return await within(countTimeoutMs, consume(shared, name, limit), () => {
          throw new Error(`no answer within ${countTimeoutMs} ms`);
        });
      } catch (error) {
        fallBack(error, log);
        return local(name, log);
      }
    };
  };
}
