import type { FastifyInstance } from "fastify";
import type { Health } from "../database/health.js";
import type { Metrics } from "../metrics.js";

/** `/livez`: the process is up. `/readyz`: it can serve, because the database can be read and the server isn't stopping. */
export function addHealthRoutes(
  server: FastifyInstance,
  health: Pick<Health, "check">,
  isDraining: () => boolean,
): void {
  const method = ["GET", "HEAD"];

  server.route({ method, url: "/livez", handler: () => ({ status: "ok" }) });

  server.route({
    method,
    url: "/readyz",
    async handler(_, reply) {
      if (isDraining()) return reply.code(503).send({ status: "draining" });
      if (!(await health.check())) return reply.code(503).send({ status: "database unreachable" });
      return { status: "ok" };
    },
  });
}

/** `GET /metrics`, if metrics are on. */
export function addMetricsRoute(server: FastifyInstance, { read }: Metrics): void {
  if (!read) return;
  server.get("/metrics", async (_, reply) => {
    const { contentType, text } = await read();
    return reply.header("cache-control", "no-store").type(contentType).send(text);
  });
}
