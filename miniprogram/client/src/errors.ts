import { assign, isObject } from "./json";

/** What wxpass answers. */
export type ServerErrorCode =
  | "UNAUTHENTICATED"
  | "WX_CODE_INVALID"
  | "WX_USER_BLOCKED"
  | "WX_RATE_LIMITED"
  | "WX_BUSY"
  | "WX_MISCONFIGURED"
  | "REFRESH_TOKEN_INVALID"
  | "USER_DISABLED"
  | "REAUTHENTICATION_REQUIRED"
  | "PHONE_TAKEN"
  | "RATE_LIMITED"
  | "CONTENT_REJECTED"
  | "QUERY_TOO_COMPLEX"
  | "BAD_USER_INPUT"
  | "INTERNAL_SERVER_ERROR";

/** What is answered to a request that is no valid GraphQL: a mistake in the program. */
export type RequestErrorCode = "BAD_REQUEST" | "GRAPHQL_PARSE_FAILED" | "GRAPHQL_VALIDATION_FAILED";

/**
 * What the client itself finds: nothing came back (`NETWORK_ERROR`), or not in time (`TIMEOUT`), or the mini-program went to the
 * background (`INTERRUPTED`); what came is no answer of wxpass (`BAD_RESPONSE`); `wx.login` failed (`LOGIN_FAILED`).
 */
export type ClientErrorCode = "NETWORK_ERROR" | "TIMEOUT" | "INTERRUPTED" | "BAD_RESPONSE" | "LOGIN_FAILED";

export type ErrorCode = ServerErrorCode | RequestErrorCode | ClientErrorCode;

/** What to do next: sign in again with `login()`, try again later, or show the message and stop. */
export type Retry = "NEW_CODE" | "LATER" | "NEVER";

/** The only kind of error that calls of the client reject with. Recognise it with {@link isWxpassError}. */
export interface WxpassError extends Error {
  name: "WxpassError";
  /** One of {@link ErrorCode}, or one that a newer server has added. */
  code: ErrorCode | (string & Record<never, never>);
  /** For people, in Chinese or English. */
  message: string;
  retry: Retry;
  /** Seconds to wait, if the server says. */
  retryAfter?: number;
  /** Under which the server's log has more. */
  requestId?: string;
  /** The input field whose value is at fault. */
  field?: string;
  /** For developers: WeChat's own words, such as `request:fail url not in domain list`, or the HTTP status. */
  detail?: string;
}

export type Language = "zh-CN" | "en";

/**
 * Whether the server refused the token, and so has done nothing.
 * @internal
 */
export const isRefusal = ({ code }: WxpassError) => code === "UNAUTHENTICATED";

/** Whether something that was caught is an error of the client's. */
export const isWxpassError = (value: unknown): value is WxpassError =>
  isObject(value) && value["name"] === "WxpassError";

/**
 * What an error may know besides.
 * @internal
 */
export type ErrorDetails = Partial<Pick<WxpassError, "retryAfter" | "requestId" | "field" | "detail">>;

/**
 * Makes an error. It is no class, because `instanceof` doesn't survive the compilation of a subclass of Error to ES5.
 * @internal
 */
export function createError(code: string, message: string, retry: Retry, details: ErrorDetails): WxpassError {
  return assign(new Error(message), { name: "WxpassError" as const, code, retry }, details);
}
