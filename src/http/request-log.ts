import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Logger } from "pino";

/** Writes one line a request: which operation, by whom, how long, and what came out. Probes are logged at `debug`. */
export function addRequestLog(server: FastifyInstance, log: Logger): void {
  server.addHook("onRequest", async (request, reply) => {
    const start = performance.now();
    reply.raw.once("close", () => {
      const ms = Math.round((performance.now() - start) * 10) / 10;
      const isProbe = request.routeOptions.url === "/livez" || request.routeOptions.url === "/readyz";
      log[isProbe ? "debug" : "info"]({ ...describe(request, reply), ms }, "request");
    });
  });
}

function describe(request: FastifyRequest, reply: FastifyReply): object {
  return {
    requestId: request.id,
    method: request.method,
    route: request.routeOptions.url ?? "none",
    outcome: outcomeOf(reply.statusCode),
    ...request.operationContext?.report,
    // The client left before it was answered.
    ...(reply.raw.writableFinished ? { status: reply.statusCode } : { outcome: "ABORTED" }),
  };
}

/** What came out of a request that is no operation. */
function outcomeOf(status: number): string {
  if (status < 400) return "ok";
  return status < 500 ? "BAD_REQUEST" : "INTERNAL_SERVER_ERROR";
}
