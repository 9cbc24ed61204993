import { BlockList, isIP, isIPv4, isIPv6 } from "node:net";
import type { FastifyInstance, FastifyRequest, FastifyServerOptions } from "fastify";
import ipaddr from "ipaddr.js";
import type { Logger } from "pino";

/** The client's address, as far as `TRUST_PROXY` lets us know it; `unknown` if there is none. */
export const addressOf = (request: FastifyRequest): string => knownAddress(request)?.toString() ?? "unknown";

/** A proxy may hand on what is no address; then the last proxy before it is all we know. */
function knownAddress(request: FastifyRequest): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  const known = hopsOf(request).findLast((address) => address !== undefined);
  return known === undefined ? undefined : ipaddr.process(known);
}

/** Whom rate limits take for one client: an IPv4 address, or the 64 bits of an IPv6 address that a subscriber gets. */
export function clientAddress(request: FastifyRequest): string {
  const address = knownAddress(request);
  if (!(address instanceof ipaddr.IPv6)) return address?.toString() ?? "unknown";
  return `${address.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(":")}/64`;
}

/** The addresses on a request's way, from who is connected to the first that isn't trusted; undefined for what is none. */
const hopsOf = ({ ips, ip }: FastifyRequest) => (ips ?? [ip]).map((text) => readAddress(text ?? ""));

/** Longer than any spelling of an address. */
const maxLength = 100;

/**
 * The address in any of the spellings in which proxies write one: with a port, in brackets, in quotation marks, with the zone of
 * the network card, IPv4 in IPv6. Undefined if there is none, as in `unknown`.
 * @see https://www.rfc-editor.org/rfc/rfc7239#section-6
 */
function readAddress(text: string): string | undefined {
  if (text.length > maxLength) return undefined;
  const bare = text
    .trim()
    .replace(/^for=/i, "")
    .replace(/^"(.*)"$/, "$1")
    .trim();
  const [, bracketed, withPort] = /^\[([^\]]+)\](?::\d{1,5})?$|^([^[]*\.\d+):\d{1,5}$/.exec(bare) ?? [];
  const [address = ""] = (bracketed ?? withPort ?? bare).split("%");
  return isIP(address) === 0 ? undefined : address;
}

/**
 * Tells the web framework whose `X-Forwarded-For` counts. It refuses a bare number of proxies, since whoever gets past
 * them can forge the header; with `TRUST_PROXY` the operator vouches that nobody can. Networks it would compare with what the
 * header says, ports included.
 */
export function trustOf(trust: false | string[] | number): NonNullable<FastifyServerOptions["trustProxy"]> {
  if (typeof trust === "number") return (_, hop) => hop < trust;
  if (!trust) return false;
  const trusted = networksOf(trust);
  return (text) => {
    const address = readAddress(text ?? "");
    return address !== undefined && trusted.check(address, isIPv4(address) ? "ipv4" : "ipv6");
  };
}

/** The networks that have names. */
const named: Record<string, string[]> = {
  loopback: ["127.0.0.0/8", "::1"],
  linklocal: ["169.254.0.0/16", "fe80::/10"],
  uniquelocal: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
};

function networksOf(texts: readonly string[]): BlockList {
  const networks = new BlockList();
  for (const text of texts.flatMap((text) => named[text] ?? text)) {
    const [address = "", bits] = text.split("/");
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    if (bits === undefined) networks.addAddress(address, family);
    else networks.addSubnet(address, Number(bits), family);
  }
  return networks;
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
  warnOnce(server, log, proxyWarnings[warning], ({ headers }) => headers["x-forwarded-for"] !== undefined);
}

/** Says once that a trusted proxy hands on what is no address: all such clients count as the proxy. */
export function warnOfUnreadableAddress(server: FastifyInstance, log: Logger): void {
  const warning =
    "X-Forwarded-For holds something that is no address where TRUST_PROXY expects the client's: all such clients share the rate limits of the last proxy before it";
  warnOnce(server, log, warning, (request) => hopsOf(request).at(-1) === undefined);
}

type IsDue = (request: FastifyRequest) => boolean;

function warnOnce(server: FastifyInstance, log: Logger, warning: string, isDue: IsDue): void {
  let warned = false;
  server.addHook("onRequest", (request, _reply, done) => {
    if (!warned && isDue(request)) {
      warned = true;
      log.warn({ requestId: request.id }, warning);
    }
    done();
  });
}
