import { ApolloServer, type ApolloServerPlugin } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from "@apollo/server/plugin/disabled";
import { GraphQLError, type GraphQLFormattedError, type GraphQLSchema, validate } from "graphql";
import type { Logger } from "pino";
import type { Context } from "../../context.js";
import { redact } from "../../log.js";
import { knowsStatus } from "../negotiation.js";
import { maskUnexpected, presentInOperation, withoutSuggestions } from "./present-error.js";
import { rootFieldOf } from "./root-field.js";
import { maxTokens, noCodeInAddress, operationTypes, queryLimits } from "./validation-rules.js";

/** An answer shows at most so many errors. */
const maxErrors = 5;

/** Makes Apollo Server with everything switched off that this API doesn't use. */
export function createApollo(schema: GraphQLSchema, production: boolean, log: Logger): ApolloServer<Context> {
  return new ApolloServer<Context>({
    schema,
    logger: loggerOf(log),
    nodeEnv: production ? "production" : "development",
    introspection: !production,
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
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      presentErrors,
    ],
  });
}

/** Shows each error to the client in its language, and tells the request's log line what came out. */
const presentErrors: ApolloServerPlugin<Context> = {
  async requestDidStart() {
    return {
      async didResolveOperation({ operationName, operation, document, contextValue, request, schema }) {
        const [fault] = request.http?.method === "GET" ? validate(schema, document, [noCodeInAddress]) : [];
        if (fault)
          throw new GraphQLError(fault.message, { extensions: { code: "BAD_REQUEST", http: { status: 400 } } });
        if (operation) contextValue.logLine.field = rootFieldOf(operation, document);
        if (operationName) contextValue.logLine.operation = operationName.slice(0, 64);
      },
      async willSendResponse({ request, response, errors = [], contextValue }) {
        if (response.body.kind !== "single") return;
        const result = response.body.singleResult;
        if (!result.errors) return;
        const shown = result.errors.slice(0, maxErrors);
        result.errors = shown.map((formatted, index) => presentInOperation(formatted, errors[index], contextValue));
        if (!result.data && isOnlyBadInput(result.errors) && !knowsStatus(request.http?.headers.get("accept"))) {
          response.http.status = 200;
        }
        contextValue.logLine.outcome = String(result.errors[0]?.extensions?.["code"]);
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
