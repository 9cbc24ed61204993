/** Lets one at a time have something, in the order in which they ask. */
export interface Turns {
  /** Resolves when it is the caller's turn. */
  take(): Promise<void>;
  /** Ends a turn: the next one has it. */
  pass(): void;
}

/** Makes turns of which nobody has one yet. Who would have to wait is told to `beforeWaiting` first, which may throw. */
export function createTurns(beforeWaiting: () => void): Turns {
  const waiting: (() => void)[] = [];
  let taken = false;
  return {
    async take() {
      if (!taken) {
        taken = true;
        return;
      }
      beforeWaiting();
      await new Promise<void>((resolve) => waiting.push(resolve));
    },
    pass() {
      const next = waiting.shift();
      if (next) next();
      else taken = false;
    },
  };
}
