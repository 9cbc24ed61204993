/** Gives work so many milliseconds. What it does after that is nobody's business any more: `late` answers in its place, or throws. */
export function within<Result>(
  timeoutMs: number,
  work: Promise<Result>,
  late: () => Result | Promise<Result>,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(Promise.resolve().then(late)), timeoutMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Lets all who ask for the same thing while it is on its way share one call, and its failure. The next one after that starts afresh. */
export type SingleFlight<Result> = (name: string, start: () => Promise<Result>) => Promise<Result>;

export function createSingleFlight<Result>(): SingleFlight<Result> {
  const inFlight = new Map<string, Promise<Result>>();
  return (name, start) => {
    const running = inFlight.get(name) ?? start().finally(() => inFlight.delete(name));
    inFlight.set(name, running);
    return running;
  };
}
