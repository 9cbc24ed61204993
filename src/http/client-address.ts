import type { FastifyInstance, FastifyRequest, FastifyServerOptions } from "fastify";
import ipaddr from "ipaddr.js";
import type { Logger } from "pino";

/** Whom rate limits take for one client: an IPv4 address, or the 64 bits of an IPv6 address that a subscriber gets. */
export function clientAddress({ ip, socket }: FastifyRequest): string {
  // A trusted proxy may hand on what is no address; then the proxy itself is all we know.
  const known = [ip, socket.remoteAddress].find((text) => text !== undefined && ipaddr.isValid(text));
  if (known === undefined) return "unknown";
  const address = ipaddr.process(known);
  if (!(address instanceof ipaddr.IPv6)) return address.toString();
  return `${address.parts.slice(0, 4).join(":")}/64`;
}

/**
 * Tells the web framework whose `X-Forwarded-For` counts. It refuses a bare number of proxies, since whoever gets past
 * them can forge the header; with `TRUST_PROXY` the operator vouches that nobody can.
 */
export function trustOf(trust: false | string[] | number): NonNullable<FastifyServerOptions["trustProxy"]> {
  return typeof trust === "number" ? (_, hop) => hop < trust : trust;
}

/** What a proxy in front means for a server that wasn't set up for one. */
const proxyWarnings = {
  untrusted:
    "requests carry X-Forwarded-For; if a proxy of yours is in front, set TRUST_PROXY, or all clients share the rate limits of its address",
  simulator:
    "requests carry X-Forwarded-For, so a proxy seems to lead others here, and while the simulator is on they can sign in as anybody; for real people set NODE_ENV=production",
};

/** Says once that a proxy seems to be in front, which the first `X-Forwarded-For` shows. */
export function warnOfProxy(server: FastifyInstance, log: Logger, warning: keyof typeof proxyWarnings): void {
  let warned = false;
  server.addHook("onRequest", async ({ id, headers }) => {
    if (warned || headers["x-forwarded-for"] === undefined) return;
    warned = true;
    log.warn({ requestId: id }, proxyWarnings[warning]);
  });
}
