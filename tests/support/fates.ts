/** What a function of `wx` gives. */
export interface WxResponse {
  statusCode: number;
  data: unknown;
  header?: Record<string, string>;
}

/** What befalls a request: it is sent or not, and comes to an answer, or to the words of an `errMsg`, which it throws. */
export type Fate = (send: () => Promise<WxResponse>) => Promise<WxResponse>;

/** The request doesn't leave the phone. */
export const failing =
  (errMsg: string): Fate =>
  () =>
    Promise.reject(errMsg);

/** The server does what was asked, and its answer is lost. */
export const losing =
  (errMsg: string): Fate =>
  async (send) => {
    await send();
    throw errMsg;
  };

/** Something on the way answers instead of the server. */
export const answering =
  (statusCode: number, data: unknown, header: Record<string, string> = {}): Fate =>
  async () => ({ statusCode, data, header });

/** The server does what was asked, but its answer has to wait. */
export function holding() {
  const done = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const fate: Fate = async (send) => {
    const answer = await send();
    done.resolve();
    await held.promise;
    return answer;
  };
  return { fate, done: done.promise, release: held.resolve };
}
