import type { FastifyReply, FastifyRequest } from "fastify";
import { translateTo } from "../../errors.js";
import { languageOf } from "../negotiation.js";
import { inlineSource, policyText } from "../security-headers.js";
import { type Html, rootOf, type Visit } from "./layout.js";
import { styleText } from "./style.js";

declare module "fastify" {
  interface FastifyRequest {
    /** Who is signed in to the operator's page. */
    operator: string | undefined;
  }
}

/** Who looks, and in which language. */
export function visitOf(request: FastifyRequest): Visit {
  const language = languageOf(request.headers);
  const hasWebhooks = request.server.hasRoute({ method: "GET", url: "/operator/webhooks" });
  return { t: translateTo(language), language, root: rootOf(request.url), operator: request.operator, hasWebhooks };
}

/** The headers of every page: it runs no script, loads only avatars, and is kept by nobody. With `no-referrer` forms would have no origin. */
export function pageHeaders(avatarOrigin: string): Record<string, string> {
  return {
    "content-security-policy": policyText({
      defaultSrc: ["'none'"],
      styleSrc: [inlineSource(styleText)],
      imgSrc: ["'self'", avatarOrigin, "data:"],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    }),
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
    "x-robots-tag": "noindex",
  };
}

/** Answers with a page. */
export async function show(reply: FastifyReply, status: number, html: Html): Promise<FastifyReply> {
  return reply
    .code(status)
    .type("text/html; charset=utf-8")
    .send(String(await html));
}
