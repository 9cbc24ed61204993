import { ApolloServer, type ApolloServerPlugin } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from "@apollo/server/plugin/disabled";
import { GraphQLError, type GraphQLFormattedError, type GraphQLSchema } from "graphql";
import type { Logger } from "pino";
import type { Context } from "../../context.js";
import { AppError, presentError, redact, reportError } from "../../errors.js";
import { knowsStatus } from "../media-type.js";
import { operationTypes } from "./operation-types.js";
import { maxTokens, queryLimits } from "./query-limits.js";
import { rootFieldOf } from "./root-field.js";

/** An answer shows at most so many errors. */
const maxErrors = 5;

/** Makes Apollo Server with everything switched off that this API doesn't use. */
export function createApollo(schema: GraphQLSchema, production: boolean, log: Logger): ApolloServer<Context> {
  return new ApolloServer<Context>({
    schema,
    logger: loggerOf(log),
    nodeEnv: production ? "production" : "development",
    introspection: !production,
    hideSchemaDetailsFromClientErrors: production,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    persistedQueries: false,
    parseOptions: { maxTokens },
    maxRecursiveSelections: true,
    validationRules: [queryLimits, operationTypes],
    validationOptions: { maxErrors },
    formatError: (formatted) => maskUnexpected(production ? withoutSuggestions(formatted) : formatted),
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      report,
    ],
  });
}

/** Shows each error to the client in its language, and tells the request's log line what came out. */
const report: ApolloServerPlugin<Context> = {
  async requestDidStart() {
    return {
      async didResolveOperation({ operationName, operation, document, contextValue }) {
        if (operation) contextValue.report.field = rootFieldOf(operation, document);
        if (operationName) contextValue.report.operation = operationName.slice(0, 64);
      },
      async willSendResponse({ request, response, errors = [], contextValue }) {
        if (response.body.kind !== "single") return;
        const result = response.body.singleResult;
        if (!result.errors) return;
        const shown = result.errors.slice(0, maxErrors);
        result.errors = shown.map((formatted, index) => present(formatted, errors[index], contextValue));
        if (!result.data && isOnlyBadInput(result.errors) && !knowsStatus(request.http?.headers.get("accept"))) {
          response.http.status = 200;
        }
        contextValue.report.outcome = String(result.errors[0]?.extensions?.["code"]);
      },
    };
  },
};

const isOnlyBadInput = (errors: readonly GraphQLFormattedError[]) =>
  errors.every((error) => error.extensions?.["code"] === "BAD_USER_INPUT");

/** What Apollo has to say goes to the log; it may quote an error. */
function loggerOf(log: Logger) {
  const write = (level: "debug" | "info" | "warn" | "error") => (message: unknown) =>
    log[level]({ detail: redact(String(message)) }, "Apollo");
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}

/** Errors outside an operation, where there is no context to tell the language by. */
function maskUnexpected(formatted: GraphQLFormattedError): GraphQLFormattedError {
  if (formatted.extensions?.["code"] !== "INTERNAL_SERVER_ERROR") return formatted;
  const { message } = new AppError("INTERNAL_SERVER_ERROR");
  return { ...formatted, message, extensions: { code: "INTERNAL_SERVER_ERROR" } };
}

/** Apollo cuts the names that GraphQL suggests out of its complaints about documents, but not about variables. */
function withoutSuggestions(formatted: GraphQLFormattedError): GraphQLFormattedError {
  return { ...formatted, message: formatted.message.replace(/ ?Did you mean .+\?$/s, "") };
}

function present(
  formatted: GraphQLFormattedError,
  error: GraphQLError | undefined,
  context: Context,
): GraphQLFormattedError {
  const { language, requestId, log } = context;
  const cause = causeOf(error);
  const expected = cause instanceof AppError ? cause : wrongRequest(formatted);
  if (expected) return { ...formatted, ...presentError(expected, language, requestId) };
  const code = formatted.extensions?.["code"];
  if (typeof code === "string" && code !== "INTERNAL_SERVER_ERROR") {
    return { ...formatted, extensions: { code, retry: "NEVER", requestId } };
  }
  log.error({ error: reportError(cause) }, "unexpected error");
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
  const found =
    /Field "(\w+)" (?:is not defined|of required type)/.exec(message) ??
    / at "[^"]*?(\w+)"/.exec(message) ??
    /Variable "\$(\w+)"/.exec(message);
  return found?.[1] ?? "variables";
}
