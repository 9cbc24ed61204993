import type { Failure } from "../../protocol.ts";

/** The callbacks that nearly every function of `wx` takes. */
export interface Callbacks<Result> {
  success?: (result: Result & { errMsg: string }) => void;
  fail?: (failure: Failure) => void;
  complete?: (result: (Result & { errMsg: string }) | Failure) => void;
}

/** What a function of `wx` fails with; the message is given without the function's name. */
export class WxFailure extends Error {
  readonly failure: Failure;

  constructor({ errMsg, errno }: Failure) {
    super(errMsg);
    this.failure = errno === undefined ? { errMsg } : { errMsg, errno };
  }
}

/** Calls the callbacks with the outcome of some work, in WeChat's order. */
export async function settle<Result extends object>(
  name: string,
  callbacks: Callbacks<Result>,
  work: () => Promise<Result> | Result,
): Promise<{ result: Result & { errMsg: string } } | { failure: Failure }> {
  try {
    const result = { ...(await work()), errMsg: `${name}:ok` };
    callbacks.success?.(result);
    callbacks.complete?.(result);
    return { result };
  } catch (error) {
    if (!(error instanceof WxFailure)) throw error;
    const failure = { ...error.failure, errMsg: `${name}:${error.failure.errMsg}` };
    callbacks.fail?.(failure);
    callbacks.complete?.(failure);
    return { failure };
  }
}

/**
 * Makes a function of `wx` as WeChat has them: with callbacks it returns nothing, without any it returns a promise,
 * which is rejected with a plain object and no Error.
 */
export function wxFunction<Options, Result extends object>(
  name: string,
  work: (options: Options) => Promise<Result> | Result,
): (options?: Options & Callbacks<Result>) => Promise<Result & { errMsg: string }> | undefined {
  return (given) => {
    const options: Options & Callbacks<Result> = Object.assign(Object.create(null), given);
    const outcome = settle(name, options, () => work(options));
    if (options.success || options.fail || options.complete) return undefined;
    return outcome.then((settled) => ("result" in settled ? settled.result : Promise.reject(settled.failure)));
  };
}

/** Work that has nothing to tell. */
export const quietly = (act: () => void) => () => {
  act();
  return {};
};
