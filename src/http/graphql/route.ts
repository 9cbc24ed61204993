import type { ApolloServer } from "@apollo/server";
import { fastifyApolloHandler } from "@as-integrations/fastify";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Context, Services } from "../../context.js";
import { AppError, presentError } from "../../errors.js";
import { contextOf } from "../create-context.js";
import type { Explorer } from "../explorer/explorer.js";
import { answerType } from "../media-type.js";
import { badRequest, refuse } from "../request-errors.js";

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
  const execute = fastifyApolloHandler(apollo, {
    async context({ operationContext }) {
      if (!operationContext) throw new TypeError("the request has no context");
      return operationContext;
    },
  });

  server.route({
    method: ["GET", "POST"],
    url: path,
    async handler(request, reply) {
      if (explorer && wantsPage(request)) return explorer.show(request, reply);
      const type = answerType(request.headers.accept);
      if (!type) return refuse(406, request, reply);
      reply.header("cache-control", "no-store").type(type);
      const context = contextOf(services, request);
      const answer = Promise.resolve(execute.call(server, request, reply));
      return withTimeout(
        answer.then((text) => completed(text, reply, context)),
        context,
      );
    },
  });
}

const refusalShape = z.object({ errors: z.tuple([z.object({ message: z.string() })]) });

/** Apollo refuses some requests without a look at the context; such an answer gets what all others have. */
function completed(answer: unknown, { statusCode }: FastifyReply, context: Context): unknown {
  if (statusCode < 400 || context.report.outcome !== "ok") return answer;
  if (statusCode >= 500) throw new Error("Apollo could not process the request");
  const { requestId, language, report } = context;
  report.outcome = "BAD_REQUEST";
  const { errors } = refusalShape.parse(JSON.parse(String(answer)));
  return JSON.stringify(badRequest(statusCode, language, requestId, errors[0].message.trim()));
}

const wantsPage = ({ method, headers, query }: FastifyRequest) =>
  method === "GET" && headers.accept?.includes("text/html") && !Object.hasOwn(Object(query), "query");

/** Answers for an operation that takes too long; it executed, so the status is 200. */
async function withTimeout(answer: Promise<unknown>, context: Context): Promise<unknown> {
  const { promise: timeout, resolve } = Promise.withResolvers<string>();
  const timer = setTimeout(() => {
    const { requestId, language, report, log } = context;
    log.error(`the operation took longer than ${operationTimeout} ms`);
    report.outcome = "INTERNAL_SERVER_ERROR";
    const error = presentError(new AppError("INTERNAL_SERVER_ERROR"), language, requestId);
    resolve(JSON.stringify({ errors: [error], data: null }));
  }, operationTimeout);
  try {
    return await Promise.race([answer, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
