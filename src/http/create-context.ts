import type { FastifyInstance, FastifyRequest } from "fastify";
import { type Context, createContext, type Services } from "../context.js";
import { clientAddress } from "./client-address.js";
import { languageOf } from "./negotiation.js";

declare module "fastify" {
  interface FastifyRequest {
    /** The context of a request for an operation, whose report goes into the log line. */
    operationContext: Context | null;
  }
}

/** Makes room for the context at every request. */
export function addRequestContext(server: FastifyInstance): void {
  server.decorateRequest("operationContext", null);
}

/** Builds the context of a request, and keeps it with the request. */
export function contextOf(services: Services, request: FastifyRequest): Context {
  const { id, headers } = request;
  const context = createContext(services, {
    requestId: id,
    language: languageOf(headers),
    authorization: headers.authorization,
    referer: headers.referer,
    userAgent: headers["user-agent"],
    clientAddress: clientAddress(request),
  });
  request.operationContext = context;
  return context;
}
