import type { FastifyInstance } from "fastify";
import type { Metrics } from "../metrics.js";

/** `GET /metrics`, if metrics are on. */
export function addMetricsRoute(server: FastifyInstance, { read }: Metrics): void {
  if (!read) return;
  server.get("/metrics", async (_, reply) => {
    const { contentType, text } = await read();
    return reply.header("cache-control", "no-store").type(contentType).send(text);
  });
}
