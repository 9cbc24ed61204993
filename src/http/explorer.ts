import type { FastifyReply, FastifyRequest } from "fastify";
import type { Config } from "../config.js";

/** The page on which developers try the API. */
export interface Explorer {
  show(request: FastifyRequest, reply: FastifyReply): FastifyReply | Promise<FastifyReply>;
}

export function createExplorer(kind: Config["explorer"]): Explorer | undefined {
  if (kind === "off") return undefined;
  return { show: (_, reply) => reply.type("text/html").send(kind) };
}
