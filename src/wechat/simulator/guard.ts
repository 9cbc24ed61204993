import type { IncomingHttpHeaders } from "node:http";

const loopback = /^(?:127(?:\.\d{1,3}){3}|\[::1\]|(?:[a-z0-9-]+\.)*localhost)(?::\d+)?$/i;

const isLoopbackOrigin = (origin: string) =>
  /^https?:\/\//.test(origin) && loopback.test(origin.replace(/^https?:\/\//, ""));

/**
 * Whether the developer asks, by a program or a page of this machine, and not a web page that happens to be open here. A page whose name
 * was bent to this machine shows itself by `Host`, any other by `Origin`, or, where a browser sends none (as for an image), by
 * `Sec-Fetch-Site` (https://www.w3.org/TR/fetch-metadata/) or `Referer`.
 */
export function isByDeveloper(headers: IncomingHttpHeaders): boolean {
  const { host, origin, referer } = headers;
  if (host === undefined || !loopback.test(host)) return false;
  if (origin !== undefined) return isLoopbackOrigin(origin);
  if (referer !== undefined) return isLoopbackOrigin(URL.parse(referer)?.origin ?? "");
  return headers["sec-fetch-site"] !== "cross-site";
}
