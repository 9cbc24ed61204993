import { createHash } from "node:crypto";
import type { FastifyInstance } from "fastify";

/** The directives of a Content-Security-Policy, by their names in camel case. */
export type Policy = Record<string, readonly string[]>;

/** Writes a Content-Security-Policy as the header has it. */
export function policyText(policy: Policy): string {
  const directives = Object.entries(policy).map(([name, sources]) => [dashed(name), ...sources].join(" "));
  return directives.join(";");
}

/** The source that allows this inline script or style, and no other, in a Content-Security-Policy. */
export function inlineSource(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

const dashed = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The headers that helmet sets, with a policy that lets a page do nothing; written out, since they are the same for each answer. */
const headers = {
  "content-security-policy": policyText({ defaultSrc: ["'none'"], frameAncestors: ["'none'"] }),
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "origin-agent-cluster": "?1",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-dns-prefetch-control": "off",
  "x-download-options": "noopen",
  "x-frame-options": "SAMEORIGIN",
  "x-permitted-cross-domain-policies": "none",
  "x-xss-protection": "0",
};

const httpsOnly = { "strict-transport-security": "max-age=31536000" };

/** Gives every answer its request's id and the headers that keep browsers from doing harm with it; a route may have others instead. */
export function addHeaders(server: FastifyInstance, isHttps: boolean): void {
  const all = isHttps ? { ...headers, ...httpsOnly } : headers;
  server.addHook("onRequest", (request, reply, done) => {
    reply.headers(all).header("x-request-id", request.id);
    done();
  });
}
