import type { WxpassError } from "./errors";

/** Does something, and once more if it fails in a way for which that is right. */
export const onceMoreIf = <Result>(isWorthIt: (error: WxpassError) => boolean, start: () => Promise<Result>) =>
  start().catch((error: WxpassError) => {
    if (isWorthIt(error)) return start();
    throw error;
  });
