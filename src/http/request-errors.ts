import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Logger } from "pino";
import { AppError, presentError, reportError, type Text } from "../errors.js";
import { languageOf } from "./language.js";

const texts: Record<number, Text> = {
  400: { zh: "请求格式有误", en: "The request is malformed" },
  404: { zh: "没有这个地址", en: "There is nothing at this address" },
  405: { zh: "不支持这个请求方法", en: "This method is not supported here" },
  408: { zh: "请求超时", en: "The request took too long to arrive" },
  413: { zh: "请求体不能超过 100 kB", en: "The body may have at most 100 kB" },
  415: { zh: "请用 application/json", en: "The body must be application/json" },
  431: { zh: "请求头过大", en: "The headers are too large" },
};

/** The body of an answer to a request that never became an operation. It has the shape of a GraphQL answer. */
function badRequest(text: Text, request: FastifyRequest): object {
  const extensions = { code: "BAD_REQUEST", retry: "NEVER", requestId: request.id };
  return { errors: [{ message: text[languageOf(request.headers)], extensions }] };
}

/** Answers every fault of a request with JSON and the right status, whichever layer finds it. */
export function addRequestErrors(server: FastifyInstance, log: Logger): void {
  server.setNotFoundHandler((request, reply) => refuse(404, request, reply));

  server.setErrorHandler((error: FastifyError, request, reply) => {
    const status = statusOf(error);
    if (status < 500) return refuse(status, request, reply);
    log.error({ requestId: request.id, error: reportError(error) }, "unexpected error");
    return reply.code(500).send({ errors: [presentError(error, languageOf(request.headers), request.id)] });
  });
}

/** Refuses a request that is no operation, with a 4xx status. */
export function refuse(status: number, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const text = texts[status] ?? { zh: "请求格式有误", en: "The request is malformed" };
  return reply.code(status).header("cache-control", "no-store").send(badRequest(text, request));
}

/** Turns a request away while the server is stopping; another process, or this one restarted, will take it. */
export function turnAway(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const text = { zh: "服务器正在重启，请稍后再试", en: "The server is restarting; try again later" };
  const error = new AppError("INTERNAL_SERVER_ERROR", { text });
  const body = { errors: [presentError(error, languageOf(request.headers), request.id)] };
  return reply.code(503).send(body);
}

function statusOf(error: FastifyError): number {
  if (error.code === "ERR_INVALID_URL") return 400;
  return error.statusCode ?? 500;
}
