import type { Logger } from "pino";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";

/** How often something may happen within a window that starts with the first time. */
export interface RateLimit {
  times: number;
  seconds: number;
}

/**
 * Counts what happens under a name, and returns the milliseconds to wait: none as long as the limit isn't reached. What goes
 * wrong is logged by the logger of the request for which it counts.
 */
export type Counter = (name: string, log: Logger) => Promise<number>;

/** Makes the counter of one limit. */
export type CreateCounter = (limit: RateLimit) => Counter;

/** Counts in the memory of this process. */
export const createLocalCounter: CreateCounter = ({ times, seconds }) => {
  const limiter = new RateLimiterMemory({ points: times, duration: seconds, keyPrefix: "" });
  return (name) => waitAfter(limiter.consume(name));
};

/** The library rejects with a result where the limit is reached, and with an error where it can't count. */
export async function waitAfter(consumption: Promise<RateLimiterRes>): Promise<number> {
  try {
    await consumption;
    return 0;
  } catch (rejection) {
    if (rejection instanceof RateLimiterRes) return Math.max(rejection.msBeforeNext, 1);
    throw rejection;
  }
}
