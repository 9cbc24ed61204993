import pLimit from "p-limit";
import type { Logger } from "pino";
import { clockSkewMs, isToCome } from "../clock.js";
import { type BriefStatements, createBriefStatements } from "../database/brief-statement.js";
import type { Database } from "../database/database.js";
import { countersTable } from "../database/options.js";
import { statement } from "../database/statement.js";
import { type Sweep, sweepBatch } from "../database/sweeper.js";
import { describeError } from "../log.js";
import { within } from "../within.js";
import { type Counter, type CreateCounter, createLocalCounters, type RateLimit, Windows } from "./counter.js";

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

/**
 * Counts once more. A window is over when its time is, and when it would end later than a new one: then a clock has been put
 * back since it began.
 */
const countOnce = `
  insert into ${countersTable} as counts (key, points, expire) values ($1, 1, $2::bigint + $3)
  on conflict (key) do update set
    points = case when counts.expire between $2::bigint + 1 and $2::bigint + $4 then counts.points + 1 else 1 end,
    expire = case when counts.expire between $2::bigint + 1 and $2::bigint + $4 then counts.expire else excluded.expire end
  returning points, expire`;

/**
 * Makes counters in PostgreSQL, where all processes count together. While the database can't count, each process counts for
 * itself, so that requests go on; and counting never takes more than half of the connections from them.
 */
export async function createSharedCounters(database: Database, now: () => Date): Promise<CreateCounter> {
  const statements = await createBriefStatements(database, countTimeoutMs);
  const inTurn = pLimit(Math.max(1, Math.floor(statements.connections / 2)));
  const createLocalCounter = createLocalCounters(now);
  let localUntil = 0;
  const isPaused = () => isToCome(localUntil, now().getTime(), pauseMs);

  function fallBack(error: unknown, log: Logger): void {
    if (isPaused()) return;
    localUntil = now().getTime() + pauseMs;
    log.warn(
      { error: describeError(error) },
      "rate limits can't be counted in the database: counting in memory for now",
    );
  }

  return (limit) => {
    const local = createLocalCounter(limit);
    const shared = createSharedCounter(limit, statements, now);
    return async (name, log) => {
      if (isPaused()) return local(name, log);
      try {
        const count = inTurn(async () => (isPaused() ? local(name, log) : shared(name, log)));
        return await within(countTimeoutMs, count, () => {
          throw new Error(`no count within ${countTimeoutMs} ms`);
        });
      } catch (error) {
        fallBack(error, log);
        return local(name, log);
      }
    };
  };
}

/** A name that is refused is remembered, so that whoever goes on trying costs the database nothing. */
function createSharedCounter(limit: RateLimit, statements: BriefStatements, now: () => Date): Counter {
  const lengthMs = limit.seconds * 1_000;
  const refused = new Windows(limit);
  return async (name) => {
    const time = now().getTime();
    const known = refused.find(name, time);
    if (known) return known.endsAt - time;
    const [row] = await statements.rows(countOnce, [name, time, lengthMs, lengthMs + clockSkewMs]);
    const count = Number(row?.["points"]);
    if (count <= limit.times) return 0;
    const endsAt = Math.min(Number(row?.["expire"]), time + lengthMs);
    return refused.open(name, time, { count, endsAt }).endsAt - time;
  };
}
