import { isUtf8 } from "node:buffer";
import type { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply } from "fastify";

declare module "fastify" {
  interface FastifyContextConfig {
    /** A body of this route may take as long to arrive as any request at all. */
    slowBody?: boolean;
  }
}

/** What a body may have, unless its route takes larger ones. */
export const maxBodyBytes = 100_000;

/** In which a body must have arrived, unless its route takes slow ones. */
const bodyTimeoutMs = 15_000;

/** Between two looks at which are late. */
const checkIntervalMs = 500;

/** Whether a media type names no other encoding than UTF-8, which JSON has. https://www.rfc-editor.org/rfc/rfc8259#section-8.1 */
function isInUtf8(type: string | undefined): boolean {
  if (type === "application/json") return true;
  const charsets = [...(type ?? "").matchAll(/;\s*charset\s*=([^;]*)/gi)].map(([, value = ""]) => value.trim());
  return charsets.every((charset) => /^(?:utf-?8|"utf-?8")$/i.test(charset));
}

/** Takes JSON bodies and no others. Bytes that are no UTF-8 are refused, since replacing them would store another text than was sent. */
export function addJsonBodies(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser("error", "error");
  server.removeAllContentTypeParsers();
  server.addContentTypeParser<Buffer>("application/json", { parseAs: "buffer" }, (request, body, done) => {
    if (!isInUtf8(request.headers["content-type"])) return done(asRefused(415), undefined);
    if (isUtf8(body)) return parse(request, body.toString(), done);
    done(asRefused(400), undefined);
  });
}

/** An error that the web framework answers with this status. */
const asRefused = (statusCode: number) => Object.assign(new Error("the body can't be read"), { statusCode });

/** Refuses bodies that arrive too slowly. Node has one timeout for all routes, and that has to suit uploads. */
export function addBodyTimeout(server: FastifyInstance): void {
  const arriving = new Set<Arriving>();

  server.addHook("preParsing", (request, reply, payload, done) => {
    done(null, payload);
    if (request.routeOptions.config.slowBody || payload.readableEnded) return;
    const body = { reply, payload, since: performance.now() };
    arriving.add(body);
    payload.once("end", () => arriving.delete(body));
  });

  const timer = setInterval(() => refuseLate(arriving), checkIntervalMs).unref();
  server.addHook("onClose", async () => clearInterval(timer));
}

/** A body that is on its way. */
interface Arriving {
  reply: FastifyReply;
  payload: Readable;
  /** When it was first waited for, in milliseconds of `performance.now()`. */
  since: number;
}

/** Refuses those that are late; the others stand behind them. One whose client has gone is forgotten then. */
function refuseLate(arriving: Set<Arriving>): void {
  for (const body of arriving) {
    const { reply, payload, since } = body;
    if (performance.now() - since < bodyTimeoutMs) return;
    arriving.delete(body);
    if (payload.listenerCount("error") === 0 || reply.raw.closed) continue;
    reply.header("connection", "close");
    payload.emit("error", asRefused(408));
  }
}
