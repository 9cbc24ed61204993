import type { FastifyInstance } from "fastify";
import type { Database } from "../database/database.js";
import type { Metrics } from "../metrics.js";
import { within } from "../within.js";

/** For the database to answer. */
const databaseTimeoutMs = 2_000;

/** `/livez`: the process is up. `/readyz`: it can serve, because the database answers and the server isn't stopping. */
export function addHealthRoutes(server: FastifyInstance, database: Database, isDraining: () => boolean): void {
  const method = ["GET", "HEAD"];

  server.route({ method, url: "/livez", handler: () => ({ status: "ok" }) });

  server.route({
    method,
    url: "/readyz",
    async handler(_, reply) {
      if (isDraining()) return reply.code(503).send({ status: "draining" });
      const answers = await within(databaseTimeoutMs, check(database, maxTries), () => false);
      if (!answers) return reply.code(503).send({ status: "database unreachable" });
      return { status: "ok" };
    },
  });
}

/** Connections to choose from may have been cut since their last use; each try weeds one out. */
const maxTries = 3;

async function check(database: Database, left: number): Promise<boolean> {
  const { ok } = await database.checkConnection();
  return ok || (left > 1 && check(database, left - 1));
}

/** `GET /metrics`, if metrics are on. */
export function addMetricsRoute(server: FastifyInstance, { read }: Metrics): void {
  if (!read) return;
  server.get("/metrics", async (_, reply) => {
    const { contentType, text } = await read();
    return reply.header("cache-control", "no-store").type(contentType).send(text);
  });
}
