/**
 * After which a try that failed is repeated, the first at once.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
const delaysSeconds = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

const jitter = 0.1;

/** After which nobody tries any longer. An event that waited so long for an earlier one of its user has a single try. */
const scheduleMs = delaysSeconds.reduce((sum, delay) => sum + delay, 0) * 1_000;

/** No receiver puts an event off by more at a time. */
const maxDelaySeconds = 86_400;

/**
 * In how many milliseconds an event is tried again that was tried so many times and is so old; undefined if it is given up. What
 * the receiver asks for in `Retry-After` counts, if it is longer.
 */
export function delayBefore(tries: number, ageMs: number, retryAfterSeconds: number): number | undefined {
  const delay = delaysSeconds[tries - 1];
  if (delay === undefined || ageMs > scheduleMs) return undefined;
  return Math.max(delay, Math.min(retryAfterSeconds, maxDelaySeconds)) * 1_000 * (1 + Math.random() * jitter);
}

/**
 * The seconds of a `Retry-After`, which may be a date; 0 if there is none.
 * @see https://www.rfc-editor.org/rfc/rfc9110.html#field.retry-after
 */
export function retryAfterOf(header: string | null, now: Date): number {
  if (header === null) return 0;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - now.getTime()) / 1_000;
  return Number.isFinite(seconds) ? Math.max(seconds, 0) : 0;
}
