/** Gives work so many milliseconds. What it does after that is nobody's business any more: `late` answers in its place, or throws. */
export async function within<Result>(
  timeoutMs: number,
  work: Promise<Result>,
  late: () => Result | Promise<Result>,
): Promise<Result> {
  const { promise, resolve } = Promise.withResolvers<"late">();
  const timer = setTimeout(resolve, timeoutMs, "late");
  try {
    const first = await Promise.race([work.then((result) => ({ result })), promise]);
    return first === "late" ? await late() : first.result;
  } finally {
    clearTimeout(timer);
  }
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
