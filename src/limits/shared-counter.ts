import type { QueryResult } from "@mikro-orm/core";
import type { Logger } from "pino";
import { RateLimiterPostgres } from "rate-limiter-flexible";
import { countersTable, type Database } from "../database/database.js";
import { reportError } from "../errors.js";
import { type CreateCounter, createLocalCounter, waitAfter } from "./counter.js";

/** Counts in PostgreSQL, where all processes count together. */
export interface SharedCounters {
  create: CreateCounter;
  /** Resolves when the clearing away under way is done. */
  settled(): Promise<void>;
}

/** Milliseconds that the database has to count. A limit is not worth a longer wait. */
const patience = 1_000;

/** Milliseconds without the database after it has failed to count. */
const pause = 10_000;

/** Milliseconds between two rounds of clearing away that found little. */
const interval = 60_000;

/** Rows cleared away in a round. */
const batch = 5_000;

/** Rounds of several processes at once don't wait for each other. */
const statement = `
  delete from ${countersTable} where key in (
    select key from ${countersTable} where expire < ? limit ${batch} for update skip locked
  )`;

/**
 * Makes the counters that several processes share. While the database can't count, each process counts for itself, so
 * that requests go on.
 */
export async function createSharedCounters(database: Database, now: () => Date, log: Logger): Promise<SharedCounters> {
  const connection = database.em.getConnection();
  const pool = await connection.getNativeClient();
  let localUntil = 0;
  let nextClearing = now().getTime() + interval;
  let clearing = Promise.resolve();

  function fallBack(error: unknown, requestLog: Logger): void {
    if (now().getTime() < localUntil) return;
    localUntil = now().getTime() + pause;
    requestLog.warn(
      { error: reportError(error) },
      "rate limits can't be counted in the database: counting in memory for now",
    );
  }

  async function clearAway(): Promise<void> {
    const { affectedRows } = await connection.execute<QueryResult>(statement, [now().getTime()], "run");
    if (affectedRows === batch) nextClearing = 0;
  }

  function clearAwayIfDue(): void {
    if (now().getTime() < nextClearing) return;
    nextClearing = now().getTime() + interval;
    clearing = clearAway().catch((error) => log.error({ error: reportError(error) }, "clearing old counts failed"));
  }

  return {
    create(limit) {
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
      return async (name, requestLog) => {
        if (now().getTime() < localUntil) return local(name, requestLog);
        clearAwayIfDue();
        try {
          return await inTime(waitAfter(shared.consume(name)));
        } catch (error) {
          fallBack(error, requestLog);
          return local(name, requestLog);
        }
      };
    },
    settled: () => clearing,
  };
}

async function inTime<Result>(result: Promise<Result>): Promise<Result> {
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${patience} ms`)), patience);
  try {
    return await Promise.race([result, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
