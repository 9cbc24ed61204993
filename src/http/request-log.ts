import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Services } from "../context.js";
import { addressOf } from "./client-address.js";

/** What only machines of the operator's ask. */
const probes = new Set(["/livez", "/readyz", "/metrics"]);

/**
 * Writes one line a request, and measures it: which operation, by whom, how long, and what came out; from which address only if
 * that is wanted. Probes are logged at `debug` and not measured.
 */
export function addRequestLog(
  server: FastifyInstance,
  { log, metrics }: Pick<Services, "log" | "metrics">,
  { withAddress }: { withAddress: boolean },
): void {
  server.addHook("onRequest", (request, reply, done) => {
    const start = performance.now();
    // A connection that is closed has no address any more.
    const address = withAddress ? { clientAddress: addressOf(request) } : {};
    reply.raw.once("close", () => {
      const milliseconds = performance.now() - start;
      const line = { ...describe(request, reply), ...address, ms: Math.round(milliseconds * 10) / 10 };
      if (probes.has(line.route)) return log.debug(line, "request");
      log.info(line, "request");
      metrics.request({ operation: line.field ?? line.route, outcome: line.outcome, seconds: milliseconds / 1_000 });
    });
    done();
  });
}

function describe(request: FastifyRequest, reply: FastifyReply) {
  return {
    requestId: request.id,
    method: request.method,
    route: request.routeOptions.url ?? "none",
    outcome: outcomeOf(reply.statusCode),
    ...request.operationContext?.logLine,
    // The client left before it was answered.
    ...(reply.raw.writableFinished ? { status: reply.statusCode } : { outcome: "ABORTED" }),
  };
}

/** What came out of a request that is no operation. */
function outcomeOf(status: number): string {
  if (status < 400) return "ok";
  return status < 500 ? "BAD_REQUEST" : "INTERNAL_SERVER_ERROR";
}
