import { createError, type ErrorDetails, type Retry, type WxpassError } from "./errors";
import { assign, isObject, isString, type JsonObject, parseObject } from "./json";
import type { Fail } from "./own-errors";
import type { PlatformResponse } from "./platform";

/**
 * Takes what was asked for out of a response, or throws the error that it tells of. An executed operation comes with HTTP 200,
 * errors included; another status is the server's for a malformed request, or is of something between it and the phone.
 */
export function readAnswer<Result>(
  response: PlatformResponse,
  pick: (body: JsonObject) => Result | undefined,
  fail: Fail,
): Result {
  const body = parseObject(response.data) || {};
  const errors = body["errors"];
  if (Array.isArray(errors) && isObject(errors[0])) throw serverError(errors[0], response, fail);
  const result = response.statusCode < 300 ? pick(body) : undefined;
  if (result === undefined) throw badResponse(response, fail);
  return result;
}

/** A header, whose name comes in any case. */
export function headerOf(response: PlatformResponse, name: string): string {
  const header = response.header || {};
  const key = Object.keys(header).filter((given) => given.toLowerCase() === name)[0];
  return key ? String(header[key]) : "";
}

/** What came is no answer of wxpass, but the page of a gateway or of a hotel's network, or half an answer. */
function badResponse(response: PlatformResponse, fail: Fail): WxpassError {
  const { statusCode } = response;
  const details = assign(detailsOf({}, response), { detail: `HTTP ${statusCode}` });
  return fail("BAD_RESPONSE", details, retryAt(statusCode));
}

function serverError({ message, extensions }: JsonObject, response: PlatformResponse, fail: Fail): WxpassError {
  if (!isObject(extensions) || !isString(extensions["code"])) return badResponse(response, fail);
  const { code, retry } = extensions;
  const next = retry === "NEW_CODE" || retry === "LATER" || retry === "NEVER" ? retry : retryAt(response.statusCode);
  return createError(code, String(message), next, detailsOf(extensions, response));
}

/** Whether the same request may succeed later, by the status alone. */
const retryAt = (status: number): Retry =>
  status < 400 || status > 499 || status === 408 || status === 429 ? "LATER" : "NEVER";

function detailsOf({ retryAfter, requestId, field }: JsonObject, response: PlatformResponse): ErrorDetails {
  const details: ErrorDetails = {};
  const seconds = Number(retryAfter || headerOf(response, "retry-after"));
  const id = requestId || headerOf(response, "x-request-id");
  if (seconds > 0) details.retryAfter = seconds;
  if (id) details.requestId = String(id);
  if (field) details.field = String(field);
  return details;
}
