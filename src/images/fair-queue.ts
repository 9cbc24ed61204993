import { AppError } from "../errors.js";

/** Does one piece of work at a time, and takes turns among users: who brings many waits behind who brings one. */
export interface FairQueue {
  /**
   * Does the work when it is the user's turn.
   * @throws AppError `RATE_LIMITED` if the turn doesn't come in time
   */
  run<T>(userId: string, work: () => Promise<T>): Promise<T>;
}

/** @param waitTimeoutMs Milliseconds that work may wait for its turn. */
export function createFairQueue(waitTimeoutMs: number): FairQueue {
  /** Those who wait, the user first whose turn is next. */
  const waiting = new Map<string, (() => void)[]>();
  let isBusy = false;

  function enqueue(userId: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      const others = waiting.get(userId)?.filter((other) => other !== start);
      keep(userId, others);
      reject(tooBusy());
    }, waitTimeoutMs);
    const start = () => {
      clearTimeout(timer);
      resolve();
    };
    waiting.set(userId, [...(waiting.get(userId) ?? []), start]);
    return promise;
  }

  function keep(userId: string, turns: (() => void)[] = []): void {
    if (turns.length > 0) waiting.set(userId, turns);
    else waiting.delete(userId);
  }

  function startNext(): void {
    const [userId, [start, ...later]] = waiting.entries().next().value ?? ["", []];
    isBusy = start !== undefined;
    waiting.delete(userId);
    keep(userId, later);
    start?.();
  }

  return {
    async run(userId, work) {
      if (isBusy) await enqueue(userId);
      isBusy = true;
      try {
        return await work();
      } finally {
        startNext();
      }
    },
  };
}

const tooBusy = () =>
  new AppError("RATE_LIMITED", {
    text: { zh: "正在处理的图片太多，请稍后再试", en: "Too many images are being processed; try again later" },
  });
