import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";

/** Writes one line a request: which operation, by whom, how long, and what came out. Probes are logged at `debug`. */
export function addRequestLog(server: FastifyInstance, log: Logger): void {
  server.addHook("onResponse", async (request, reply) => {
    const isProbe = request.routeOptions.url === "/livez" || request.routeOptions.url === "/readyz";
    log[isProbe ? "debug" : "info"](
      {
        requestId: request.id,
        method: request.method,
        route: request.routeOptions.url ?? "none",
        ...request.report,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 10) / 10,
      },
      "request",
    );
  });
}
