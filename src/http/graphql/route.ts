import { type ApolloServer, HeaderMap, type HTTPGraphQLRequest, type HTTPGraphQLResponse } from "@apollo/server";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Context } from "../../context.js";
import { AppError, presentError, type Text } from "../../errors.js";
import { within } from "../../within.js";
import type { CreateContext } from "../create-context.js";
import type { Explorer } from "../explorer/explorer.js";
import { answerType } from "../negotiation.js";
import { refuse } from "../request-errors.js";

/** After which an operation is answered as failed. Whatever it waits for gives up before that. */
const operationTimeoutMs = 10_000;

interface GraphqlRouteOptions {
  apollo: ApolloServer<Context>;
  createContext: CreateContext;
  explorer: Explorer | undefined;
}

/** `POST /graphql`, `GET /graphql` for queries, and the explorer for a browser that asks for a page; `/` leads there. */
export function addGraphqlRoute(
  server: FastifyInstance,
  { apollo, createContext, explorer }: GraphqlRouteOptions,
): void {
  if (explorer) server.get("/", (_, reply) => reply.redirect("graphql", 302));

  server.route({
    method: ["GET", "POST"],
    url: "/graphql",
    async handler(request, reply) {
      if (explorer && wantsPage(request)) return explorer.show(request, reply);
      const type = answerType(request.headers.accept);
      if (!type) return refuse(406, request, reply);
      reply.header("cache-control", "no-store").type(type);
      const context = createContext(request);
      const work = apollo.executeHTTPGraphQLRequest({
        httpGraphQLRequest: toApollo(request),
        context: async () => context,
      });
      const response = await within(operationTimeoutMs, work, () => undefined);
      return response ? answer(response, context, request, reply) : reply.send(tooLate(context));
    },
  });
}

const wantsPage = ({ method, headers, query }: FastifyRequest) =>
  method === "GET" && headers.accept?.includes("text/html") && !Object.hasOwn(Object(query), "query");

/** The headers that Apollo looks at. */
const headersForApollo = ["accept", "apollo-require-preflight", "content-type", "x-apollo-operation-name"] as const;

function toApollo({ method, headers, url, body }: FastifyRequest): HTTPGraphQLRequest {
  const map = new HeaderMap();
  for (const name of headersForApollo) if (headers[name] !== undefined) map.set(name, String(headers[name]));
  const start = url.indexOf("?");
  return { method, headers: map, search: start < 0 ? "" : url.slice(start), body };
}

/** What Apollo takes for no GraphQL request, before it looks at any operation. */
const noGraphqlRequest: Text = {
  zh: "不是有效的 GraphQL 请求：POST 的 JSON 应含字符串 query，以及可选的 variables（对象）、operationName（字符串）、extensions（对象）；GET 用同名参数，每个一次，并为防 CSRF 带上请求头 apollo-require-preflight",
  en: "This is no GraphQL request: a POST needs JSON with query (text) and perhaps variables (an object), operationName (text) and extensions (an object); a GET needs the same as parameters, each once, and against CSRF the header apollo-require-preflight",
};

function answer(
  { status = 200, headers, body }: HTTPGraphQLResponse,
  { logLine }: Context,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  if (body.kind === "chunked") throw new TypeError("no operation is answered in parts");
  reply.headers(Object.fromEntries(headers));
  if (status < 400 || logLine.outcome !== "ok") return reply.code(status).send(body.string);
  if (status >= 500) throw new Error("Apollo could not process the request");
  logLine.outcome = "BAD_REQUEST";
  return refuse(status, request, reply, status === 400 ? noGraphqlRequest : undefined);
}

/** The answer for an operation that takes too long; it executed, so the status is 200. */
function tooLate({ requestId, language, logLine, log }: Context): object {
  log.error(`the operation took longer than ${operationTimeoutMs} ms`);
  logLine.outcome = "INTERNAL_SERVER_ERROR";
  return { errors: [presentError(new AppError("INTERNAL_SERVER_ERROR"), language, requestId)], data: null };
}
