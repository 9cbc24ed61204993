import type { FastifyInstance } from "fastify";

/** Milliseconds in which a body must have arrived, unless its route takes slow ones. */
const patience = 15_000;

declare module "fastify" {
  interface FastifyContextConfig {
    /** A body of this route may take as long to arrive as any request at all. */
    slowBody?: boolean;
  }
}

/** Refuses bodies that arrive too slowly. Node has one timeout for all routes, and that has to suit uploads. */
export function addBodyDeadline(server: FastifyInstance): void {
  server.addHook("preParsing", async (request, reply, payload) => {
    if (request.routeOptions.config.slowBody) return payload;
    const timer = setTimeout(() => {
      if (payload.listenerCount("error") === 0) return;
      reply.header("connection", "close");
      payload.emit("error", Object.assign(new Error("the body took too long"), { statusCode: 408 }));
    }, patience);
    payload.once("end", () => clearTimeout(timer));
    reply.raw.once("close", () => clearTimeout(timer));
    return payload;
  });
}
