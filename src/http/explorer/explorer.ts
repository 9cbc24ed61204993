import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { policyText } from "../security-headers.js";
import { graphiqlPage } from "./graphiql-page.js";
import type { Page } from "./page.js";
import { sandboxPage } from "./sandbox-page.js";

/** Which explorer is shown first. */
export type ExplorerKind = "sandbox" | "graphiql" | "off";

/** The page on which developers try the API. */
export interface Explorer {
  show(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>;
}

/** Makes the explorer. It shows the page of this kind, or the one that `?explorer=` names. */
export function createExplorer(kind: ExplorerKind): Explorer | undefined {
  if (kind === "off") return undefined;
  const choice = z.object({ explorer: z.enum(["sandbox", "graphiql"]).catch(kind) });
  let graphiql: Promise<Page> | undefined;

  function load(chosen: "sandbox" | "graphiql"): Page | Promise<Page> {
    if (chosen === "sandbox") return sandboxPage;
    graphiql ??= graphiqlPage();
    return graphiql;
  }

  return {
    async show(request, reply) {
      const { explorer } = choice.parse(request.query);
      const { html, policy } = await load(explorer);
      return reply
        .headers({
          "content-security-policy": policyText(policy),
          "cross-origin-opener-policy": "same-origin-allow-popups",
          "cache-control": "no-store",
        })
        .type("text/html; charset=utf-8")
        .send(html);
    },
  };
}
