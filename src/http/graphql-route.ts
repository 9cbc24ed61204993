import type { ApolloServer } from "@apollo/server";
import { fastifyApolloHandler } from "@as-integrations/fastify";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { type Context, createContext, type Services } from "../context.js";
import { AppError, presentError } from "../errors.js";
import type { Explorer } from "./explorer/explorer.js";
import { languageOf } from "./language.js";
import { refuse } from "./request-errors.js";

declare module "fastify" {
  interface FastifyRequest {
    /** What a GraphQL request turned out to be, for its log line. */
    report: Context["report"] | null;
  }
}

/** Milliseconds after which an operation is answered as failed. Whatever it waits for gives up before that. */
const operationTimeout = 10_000;

const path = "/graphql";

/** `POST /graphql`, `GET /graphql` for queries, and the explorer for a browser that asks for a page. */
export function addGraphqlRoute(
  server: FastifyInstance,
  apollo: ApolloServer<Context>,
  services: Services,
  explorer: Explorer | undefined,
): void {
  server.decorateRequest("report", null);

  const execute = fastifyApolloHandler(apollo, {
    async context(request) {
      const context = createContext(services, {
        requestId: request.id,
        language: languageOf(request.headers),
        authorization: request.headers.authorization,
        referer: request.headers.referer,
        userAgent: request.headers["user-agent"],
      });
      request.report = context.report;
      return context;
    },
  });

  server.route({
    method: ["GET", "POST"],
    url: path,
    async handler(request, reply) {
      if (explorer && wantsPage(request)) return explorer.show(request, reply);
      reply.header("cache-control", "no-store");
      return withTimeout(Promise.resolve(execute.call(server, request, reply)), request);
    },
  });

  server.route({
    method: ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"],
    url: path,
    handler: (request, reply) => refuse(405, request, reply.header("allow", "GET, POST")),
  });
}

const wantsPage = ({ method, headers, query }: FastifyRequest) =>
  method === "GET" && headers.accept?.includes("text/html") && !Object.hasOwn(Object(query), "query");

/** Answers for an operation that takes too long; it executed, so the status is 200. */
async function withTimeout(answer: Promise<unknown>, request: FastifyRequest): Promise<unknown> {
  const { promise: timeout, resolve } = Promise.withResolvers<object>();
  const timer = setTimeout(() => {
    if (request.report) request.report.outcome = "INTERNAL_SERVER_ERROR";
    const error = new AppError("INTERNAL_SERVER_ERROR");
    resolve({ errors: [presentError(error, languageOf(request.headers), request.id)], data: null });
  }, operationTimeout);
  try {
    return await Promise.race([answer, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
