import { isUtf8 } from "node:buffer";
import type { FastifyInstance } from "fastify";

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

/** Whether a media type names no other encoding than UTF-8, which JSON has. https://www.rfc-editor.org/rfc/rfc8259#section-8.1 */
function isInUtf8(type: string | undefined): boolean {
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
  server.addHook("preParsing", async (request, reply, payload) => {
    if (request.routeOptions.config.slowBody) return payload;
    const timer = setTimeout(() => {
      if (payload.listenerCount("error") === 0) return;
      reply.header("connection", "close");
      payload.emit("error", asRefused(408));
    }, bodyTimeoutMs);
    payload.once("end", () => clearTimeout(timer));
    reply.raw.once("close", () => clearTimeout(timer));
    return payload;
  });
}
