import type { Logger } from "pino";

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

/** What has happened under a name since a window began. */
interface Window {
  count: number;
  endsAt: number;
}

/** The windows of one limit by name, in the order in which they began. */
export class Windows {
  private readonly windows = new Map<string, Window>();
  private readonly lengthMs: number;

  constructor({ seconds }: Pick<RateLimit, "seconds">) {
    this.lengthMs = seconds * 1_000;
  }

  /** The window of a name that is open at this time. */
  find(name: string, time: number): Window | undefined {
    const window = this.windows.get(name);
    return window && this.isOpen(window, time) ? window : undefined;
  }

  /** Opens a window, and forgets those at the front that are over. */
  open(name: string, time: number, window: Window = { count: 0, endsAt: time + this.lengthMs }): Window {
    this.windows.delete(name);
    for (const [old, { endsAt }] of this.windows) {
      if (this.isOpen({ endsAt }, time)) break;
      this.windows.delete(old);
    }
    this.windows.set(name, window);
    return window;
  }

  /** One that ends later than a new one would was begun by a clock that has been put back since. */
  private isOpen({ endsAt }: Pick<Window, "endsAt">, time: number): boolean {
    return endsAt > time && endsAt <= time + this.lengthMs;
  }
}

/** Makes counters in the memory of this process. */
export function createLocalCounters(now: () => Date): CreateCounter {
  return (limit) => {
    const windows = new Windows(limit);
    return async (name) => {
      const time = now().getTime();
      const window = windows.find(name, time) ?? windows.open(name, time);
      window.count++;
      return window.count > limit.times ? window.endsAt - time : 0;
    };
  };
}
