import { randomUUID } from "node:crypto";
import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Logger } from "pino";
import { badRequest, refuse } from "./request-errors.js";

const statuses: Record<string, number> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
};

/** Answers what can't be read as HTTP, where there is no request yet, and closes the connection. */
export function answerUnreadable(log: Logger): (error: Error & { code?: string }, socket: Socket) => void {
  return (error, socket) => {
    if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
    const status = statuses[error.code ?? ""] ?? 400;
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
