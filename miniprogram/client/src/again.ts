import type { WxpassError } from "./errors";

/** Does something, and once more, or something else, if it fails in a way for which that is right. */
export const againIf = <Result>(
  isWorthIt: (error: WxpassError) => boolean,
  start: () => Promise<Result>,
  again = start,
): Promise<Result> =>
  start().catch((error: WxpassError) => {
    if (isWorthIt(error)) return again();
    throw error;
  });
