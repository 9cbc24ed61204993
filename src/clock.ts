import { v7 as uuidv7 } from "uuid";

/** By which the clocks of two processes may differ; more means that a clock was set. */
export const clockSkewMs = 30_000;

/** Whether no more than so much time has passed since. A moment that lies ahead says that the clock was set back, and that nobody knows. */
export function isWithin(since: Date, now: Date, milliseconds: number): boolean {
  const passed = now.getTime() - since.getTime();
  return passed >= -Math.min(clockSkewMs, milliseconds) && passed <= milliseconds;
}

/**
 * Whether a moment that was set no more than so much time ahead is still to come, both in milliseconds since 1970. One that
 * lies further ahead was set before the clock was set back, and counts as past.
 */
export const isToCome = (at: number, now: number, milliseconds: number): boolean =>
  at > now && at - now <= milliseconds;

/** China has one time, all year. */
const chinaOffsetMs = 8 * 3_600_000;

const dayMs = 86_400_000;

/** The day in China, where WeChat's people are, such as `2026-01-31`. */
export const dayOf = (time: Date): string => new Date(time.getTime() + chinaOffsetMs).toISOString().slice(0, 10);

/** The minute in China, such as `2026-01-31 08:05`. */
export const minuteOf = (time: Date): string =>
  new Date(time.getTime() + chinaOffsetMs).toISOString().slice(0, 16).replace("T", " ");

/** When a day in China begins, and when the next one does; undefined for a text that is no day such as `2026-01-31`. */
export function boundsOfDay(day: string): { start: Date; end: Date } | undefined {
  // PostgreSQL has no year 0.
  if (!/^(?!0000)\d{4}-\d\d-\d\d$/.test(day)) return undefined;
  const start = new Date(`${day}T00:00:00+08:00`);
  if (Number.isNaN(start.getTime()) || dayOf(start) !== day) return undefined;
  return { start, end: new Date(start.getTime() + dayMs) };
}

/** The least UUIDv7 that can be made at this time. A time before 1970 counts as 1970, before which none is. */
export const leastIdAt = (time: Date): string =>
  uuidv7({ msecs: Math.max(time.getTime(), 0), seq: 0, random: new Uint8Array(16) });
