import ipaddr from "ipaddr.js";

/** Whether only this machine reaches a name or address of a host, with or without brackets. */
export function isLoopback(host: string): boolean {
  const name = plain(host);
  if (/^(.+\.)?localhost$/.test(name)) return true;
  return ipaddr.isValid(name) && ipaddr.process(name).range() === "loopback";
}

/** Whether a browser keeps a secret cookie for this address: by https, or on this machine. */
export function isSecureAddress(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && (url.protocol === "https:" || isLoopback(url.hostname));
}

/** Whether a host lies in a network of one's own: RFC 1918, fc00::/7 (RFC 4193), or a name in `.local` (RFC 6762). */
export function isPrivate(host: string): boolean {
  const name = plain(host);
  if (name.endsWith(".local")) return true;
  return ipaddr.isValid(name) && ["private", "uniqueLocal"].includes(ipaddr.process(name).range());
}

const plain = (host: string) =>
  host
    .toLowerCase()
    .replace(/^\[(.+)\]$/, "$1")
    .replace(/\.$/, "");

/** The address of a web server: an IPv6 address needs brackets. */
export const httpAddress = (host: string, port: number) => `http://${host.includes(":") ? `[${host}]` : host}:${port}`;

/** Where this machine itself reaches a server that listens on all of its addresses. */
export function onThisMachine(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  return host === "::" ? "::1" : host;
}
