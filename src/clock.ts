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
