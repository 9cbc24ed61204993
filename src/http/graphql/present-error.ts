import { GraphQLError, type GraphQLFormattedError } from "graphql";
import type { Context } from "../../context.js";
import { AppError, ClientError, presentError } from "../../errors.js";
import { describeError } from "../../log.js";
import { maxTokens } from "./validation-rules.js";

/** An error of an operation as the client sees it: in its language, with the request's id. What nobody expected goes to the log. */
export function presentInOperation(
  formatted: GraphQLFormattedError,
  error: GraphQLError | undefined,
  context: Context,
): GraphQLFormattedError {
  const { language, requestId, log } = context;
  const cause = causeOf(error);
  const expected = cause instanceof ClientError ? cause : wrongRequest(formatted);
  if (expected) return { ...formatted, ...presentError(expected, language, requestId) };
  const code = formatted.extensions?.["code"];
  if (typeof code === "string" && code !== "INTERNAL_SERVER_ERROR") {
    return { ...formatted, extensions: { code, retry: "NEVER", requestId } };
  }
  log.error({ error: describeError(cause) }, "unexpected error");
  const path = formatted.path && { path: formatted.path };
  return { ...path, ...presentError(cause, language, requestId) };
}

/** What was thrown in the first place: GraphQL and Apollo wrap it. */
function causeOf(error: unknown): unknown {
  let cause = error;
  while (cause instanceof GraphQLError && cause.originalError) cause = cause.originalError;
  return cause;
}

/** Faults that GraphQL finds and that have a code of ours: a variable of the wrong shape, and too many tokens. */
function wrongRequest({ message, extensions }: GraphQLFormattedError): AppError | undefined {
  if (extensions?.["code"] === "BAD_USER_INPUT") {
    const field = fieldIn(message);
    return new AppError("BAD_USER_INPUT", { field, text: { zh: `参数 ${field} 有误：${message}`, en: message } });
  }
  if (extensions?.["code"] === "GRAPHQL_PARSE_FAILED" && message.includes(`more that ${maxTokens} tokens`)) {
    const text = {
      zh: `查询过于复杂：不能超过 ${maxTokens} 个词法单元`,
      en: `The query may have at most ${maxTokens} tokens`,
    };
    return new AppError("QUERY_TOO_COMPLEX", { text });
  }
  return undefined;
}

/** The input field that graphql-js complains about, or else the variable. */
function fieldIn(message: string): string {
  const [, unknown] = /Field "(\w+)" (?:is not defined|of required type)/.exec(message) ?? [];
  const [, path = ""] = / at "([^"]*)"/.exec(message) ?? [];
  const [, variable] = /Variable "\$(\w+)"/.exec(message) ?? [];
  return unknown ?? path.split(/\W+/).findLast(Boolean) ?? variable ?? "variables";
}

/** Errors outside an operation, where there is no context to tell the language by. */
export function maskUnexpected(formatted: GraphQLFormattedError): GraphQLFormattedError {
  if (formatted.extensions?.["code"] !== "INTERNAL_SERVER_ERROR") return formatted;
  const { message } = new AppError("INTERNAL_SERVER_ERROR");
  return { ...formatted, message, extensions: { code: "INTERNAL_SERVER_ERROR" } };
}

/** Cuts the names that GraphQL suggests out of its complaints. They come last; Apollo's own way takes long where a document is full of such words. */
export function withoutSuggestions(formatted: GraphQLFormattedError): GraphQLFormattedError {
  const { message } = formatted;
  const suggestion = message.endsWith("?") ? message.lastIndexOf("Did you mean ") : -1;
  return suggestion < 0 ? formatted : { ...formatted, message: message.slice(0, suggestion).trimEnd() };
}
