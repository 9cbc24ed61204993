import { randomUUID } from "node:crypto";
import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Logger } from "pino";
import { AppError, type Language, presentError, type Text } from "../errors.js";
import { describeError } from "../log.js";
import { languageOf } from "./negotiation.js";

const malformed: Text = { zh: "请求格式有误", en: "The request is malformed" };

const texts: Record<number, Text> = {
  403: { zh: "签名不正确或已过期", en: "The signature is wrong or too old" },
  404: { zh: "没有这个地址", en: "There is nothing at this address" },
  405: { zh: "不支持这个请求方法", en: "This method is not supported here" },
  406: { zh: "只能返回 application/json", en: "The answer can only be application/json" },
  408: { zh: "请求超时", en: "The request took too long to arrive" },
  413: { zh: "请求体不能超过 100 kB", en: "The body may have at most 100 kB" },
  415: { zh: "请用 application/json", en: "The body must be application/json" },
  431: { zh: "请求头过大", en: "The headers are too large" },
};

/** The body of an answer to a request that never became an operation. It has the shape of a GraphQL answer. */
export function badRequest(status: number, language: Language, requestId: string, message?: string): object {
  const text = texts[status] ?? malformed;
  const extensions = { code: "BAD_REQUEST", retry: "NEVER", requestId };
  return { errors: [{ message: message ?? text[language], extensions }] };
}

/** Answers every fault of a request with JSON and the right status, whichever layer finds it. */
export function addRequestErrors(server: FastifyInstance, log: Logger): void {
  // Node would answer 417 without a word; an expectation may as well be ignored.
  server.server.on("checkExpectation", (request, response) => server.server.emit("request", request, response));

  server.setErrorHandler((error: FastifyError, request, reply) => {
    const status = statusOf(error);
    if (status < 500) return refuse(status, request, reply);
    log.error({ requestId: request.id, error: describeError(error) }, "unexpected error");
    return reply.code(500).send({ errors: [presentError(error, languageOf(request.headers), request.id)] });
  });
}

/** Refuses what no route is for, before any of it is read: 405 where another method would do, else 404. */
export function addUnknownRoutes(server: FastifyInstance): void {
  const methods = new Map<string, string[]>();
  server.addHook("onRoute", ({ url, method }) => {
    methods.set(url, [...(methods.get(url) ?? []), method].flat());
  });
  server.addHook("onRequest", (request, reply, done) => {
    if (!request.is404 && !isIdleOptions(request)) return done();
    const allowed = methods.get(request.url.replace(/\?.*/s, ""));
    if (!allowed || request.url === "*") refuse(404, request, reply);
    else refuse(405, request, reply.header("allow", allowed.join(", ")));
  });
}

/** An `OPTIONS` request that is no browser's question whether it may send another one. */
const isIdleOptions = ({ method, headers }: FastifyRequest) =>
  method === "OPTIONS" && !(headers.origin && headers["access-control-request-method"]);

/** Refuses a request that is no operation, with a 4xx status. */
export function refuse(status: number, request: FastifyRequest, reply: FastifyReply, reason?: Text): FastifyReply {
  const language = languageOf(request.headers);
  const body = badRequest(status, language, request.id, reason?.[language]);
  return reply.code(status).header("cache-control", "no-store").send(body);
}

/** Turns a request away while the server is stopping; another process, or this one restarted, will take it. */
export function turnAway(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const text = { zh: "服务器正在重启，请稍后再试", en: "The server is restarting; try again later" };
  const error = new AppError("INTERNAL_SERVER_ERROR", { text });
  const body = { errors: [presentError(error, languageOf(request.headers), request.id)] };
  return reply.code(503).header("cache-control", "no-store").send(body);
}

/** An address that can't be parsed, because of the `Host` header, has no status of its own. */
function statusOf(error: FastifyError): number {
  return error.code === "ERR_INVALID_URL" ? 400 : (error.statusCode ?? 500);
}

/** What Node finds wrong with a request before it is one. */
const statusesOfFaults: Record<string, number> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
};

/** Answers what can't be read as HTTP, where there is no request yet, and closes the connection. */
export function answerUnreadable(log: Logger): (error: Error & { code?: string }, socket: Socket) => void {
  return (error, socket) => {
    if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
    const status = statusesOfFaults[error.code ?? ""] ?? 400;
    const requestId = randomUUID();
    log.debug({ requestId, status, fault: error.code }, "unreadable request");
    const body = JSON.stringify(badRequest(status, "zh", requestId));
    const head = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      "content-type: application/json; charset=utf-8",
      `content-length: ${Buffer.byteLength(body)}`,
      `x-request-id: ${requestId}`,
      "connection: close",
    ];
    socket.end(`${head.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
  };
}

/** Answers an address with broken escapes, which Fastify refuses before any hook runs. */
export function answerBadAddress(_: Error, request: FastifyRequest, reply: FastifyReply): void {
  refuse(400, request, reply.header("x-request-id", request.id));
}
