import { isIPv6 } from "node:net";
import type { FastifyInstance } from "fastify";
import { refuse } from "./request-errors.js";

/** Headers that decide what a request may and means. Of two, a proxy may read the one and Node the other. */
const deciding = new Set(["host", "authorization", "content-type"]);

/**
 * Refuses with 400 what can be read in two ways: no host, two, or one that is none, and deciding headers that contradict each other.
 * HTTP/1.0 knows no host.
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-3.2
 */
export function refuseAmbiguousHeads(server: FastifyInstance): void {
  server.addHook("onRequest", (request, reply, done) => {
    const { rawHeaders, httpVersion } = request.raw;
    const { host } = request.headers;
    const isHosted = host === undefined ? httpVersion === "1.0" : isHost(host);
    if (isHosted && isUnambiguous(rawHeaders)) done();
    else refuse(400, request, reply);
  });
}

/** Whether each deciding header is there once, or says the same each time; the host may not even do that. */
function isUnambiguous(rawHeaders: readonly string[]): boolean {
  const values = new Map<string, string>();
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]?.toLowerCase() ?? "";
    if (!deciding.has(name)) continue;
    const value = rawHeaders[i + 1] ?? "";
    const other = values.get(name);
    if (other !== undefined && (name === "host" || other !== value)) return false;
    values.set(name, value);
  }
  return true;
}

/** Whether this is a name or an address, with a port or without. Names outside ASCII come as punycode. */
function isHost(text: string): boolean {
  const [, literal, name, port = "0"] = /^(?:\[([^\]]+)\]|([\w.-]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (Number(port) > 65_535) return false;
  return name !== undefined || (literal !== undefined && isIPv6(literal));
}
