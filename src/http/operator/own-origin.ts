import type { FastifyRequest } from "fastify";
import { isSecureAddress } from "../../hosts.js";

type Headers = Pick<FastifyRequest, "headers">;

/** The origins from which the page's own forms come: that of an https address, and, on this machine itself, that of any. */
function ownOrigins({ headers }: Headers, publicUrl: string): string[] {
  const { protocol, origin } = new URL(publicUrl);
  const local = `http://${headers.host}`;
  return [...(protocol === "https:" ? [origin] : []), ...(isSecureAddress(local) ? [new URL(local).origin] : [])];
}

/** Whether a browser may sign in by this address: it would send the cookie over no other. */
export const isSecure = (request: Headers, publicUrl: string) => ownOrigins(request, publicUrl).length > 0;

/** Whether a form was sent by a page of this server's. */
export const isOwnForm = (request: Headers, publicUrl: string) =>
  ownOrigins(request, publicUrl).includes(String(request.headers.origin));
