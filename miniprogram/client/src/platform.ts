import { assign, isObject } from "./json";

/** How functions of `wx` report back. */
export interface Callbacks<Result> {
  /** Milliseconds. */
  timeout: number;
  success: (result: Result) => void;
  fail: (reason: unknown) => void;
}

/** What `wx.request`, `wx.uploadFile` and `wx.cloud.callContainer` give, whatever the HTTP status. */
export interface PlatformResponse {
  statusCode: number;
  data: unknown;
  header?: Record<string, unknown> | null;
}

export interface RequestOptions extends Callbacks<PlatformResponse> {
  url: string;
  method: "POST";
  header: Record<string, string>;
  data: string;
}

export interface UploadOptions extends Callbacks<PlatformResponse> {
  url: string;
  filePath: string;
  name: string;
  header: Record<string, string>;
}

/**
 * What the client needs of a mini-program's surroundings. `wx` has it all, and so have `Taro` and `uni`. Functions that return
 * a promise besides calling back are fine.
 * @see https://developers.weixin.qq.com/miniprogram/dev/api/network/request/wx.request.html
 */
export interface Platform {
  login(options: Callbacks<{ code?: string }>): unknown;
  request(options: RequestOptions): unknown;
  uploadFile(options: UploadOptions): unknown;
  getStorageSync(key: string): unknown;
  setStorageSync(key: string, value: unknown): void;
  removeStorageSync(key: string): void;
}

declare const wx: Platform;
declare function setTimeout(callback: () => void, milliseconds: number): unknown;
declare function clearTimeout(timer: unknown): void;

/** Gives a function of the platform. */
export type Use = <Name extends keyof Platform>(name: Name) => Platform[Name];

/**
 * The functions that are given, completed by those of `wx`, which is looked at only when one is needed.
 * @internal
 */
export const platformOf =
  (given: Partial<Platform> = {}): Use =>
  (name) =>
    given[name] || wx[name];

/** How long beyond its timeout a function that has not called back at all is waited for. */
const graceMs = 2_000;

interface Thenable<Result> {
  then(
    resolve: (result: (Result & { abort?: unknown }) | undefined) => void,
    reject: (reason: unknown) => void,
  ): unknown;
}

/**
 * Calls a function of the platform and waits for whichever comes first: a callback, the promise that Taro returns besides, an
 * exception, or that it takes too long, since a sign-in that never ends would block every call after it.
 * @internal
 */
export function callPlatform<Options extends object, Result>(
  timeoutMs: number,
  start: (options: Options & Callbacks<Result>) => unknown,
  options: Options,
): Promise<Result> {
  let timer: unknown;
  const stop = () => clearTimeout(timer);
  const answer = new Promise<Result>((success, fail) => {
    timer = setTimeout(() => fail("timeout"), timeoutMs + graceMs);
    const returned = start(assign(options, { timeout: timeoutMs, success, fail }));
    // A wrapper that is `async` may return the task of `wx.request`, which is no result.
    if (isThenable<Result>(returned)) returned.then((result) => result && !result.abort && success(result), fail);
  });
  answer.then(stop, stop);
  return answer;
}

const isThenable = <Result>(value: unknown): value is Thenable<Result> =>
  isObject(value) && typeof value["then"] === "function";
