import type { IncomingMessage } from "node:http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

/** Up to this size the rest of a body is read after its answer, so that the connection can be used again. */
const smallBodyBytes = 100_000;

/** How long a client has to finish sending a body that its route would take. */
const lingerTimeoutMs = 15_000;

/** How long a client has to notice the answer after which nothing more is read. */
const noticeTimeoutMs = 1_000;

/**
 * Cuts off requests that are answered before their body has arrived; Node would read on, whatever the body's size. Closing
 * at once would have the client's system throw the answer away, so the server says that it has nothing to add and lets
 * the client finish, if it said that it sends no more than its route takes. Otherwise it reads nothing more, and closes soon.
 * @see https://www.rfc-editor.org/rfc/rfc9112.html#section-9.6
 */
export function addUnreadBodies(server: FastifyInstance): void {
  server.addHook("onSend", (request, reply, payload, done) => {
    if (!request.raw.complete && hasBody(request.raw)) cutOff(request, reply);
    done(null, payload);
  });
}

function cutOff({ raw, headers, routeOptions }: FastifyRequest, reply: FastifyReply): void {
  const announcedBytes = Number(headers["content-length"] ?? Number.POSITIVE_INFINITY);
  if (announcedBytes > smallBodyBytes) reply.header("connection", "close");
  const isTakeable = announcedBytes <= (routeOptions.bodyLimit ?? 0);
  closeWith(raw, isTakeable ? lingerUntilRead : lingerUnread);
}

const hasBody = ({ headers }: IncomingMessage) =>
  headers["transfer-encoding"] !== undefined || Number(headers["content-length"]) > 0;

/** Has the connection closed in this way where Node would close it right after the answer. */
function closeWith(request: IncomingMessage, linger: (request: IncomingMessage) => void): void {
  const { socket } = request;
  socket.destroySoon = () => {
    Reflect.deleteProperty(socket, "destroySoon");
    if (request.complete) return socket.destroySoon();
    socket.end();
    linger(request);
  };
}

function lingerUntilRead(request: IncomingMessage): void {
  request.once("end", () => request.socket.destroy());
  destroyAfter(request, lingerTimeoutMs);
}

/** Node itself never stops reading what an answered request goes on to send; the system holds the client up if the socket is paused. */
function lingerUnread(request: IncomingMessage): void {
  const { socket } = request;
  socket.on("data", () => socket.pause());
  destroyAfter(request, noticeTimeoutMs);
}

function destroyAfter({ socket }: IncomingMessage, timeoutMs: number): void {
  const timer = setTimeout(() => socket.destroy(), timeoutMs);
  socket.once("close", () => clearTimeout(timer));
}
