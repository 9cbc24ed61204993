import type { FastifyInstance } from "fastify";
import type { Database } from "../database.js";

/** Milliseconds that the database has to answer. */
const patience = 2_000;

/** `/livez`: the process is up. `/readyz`: it can serve, because the database answers and the server isn't stopping. */
export function addHealthRoutes(server: FastifyInstance, database: Database, isDraining: () => boolean): void {
  const method = ["GET", "HEAD"];

  server.route({ method, url: "/livez", handler: () => ({ status: "ok" }) });

  server.route({
    method,
    url: "/readyz",
    async handler(_, reply) {
      if (isDraining()) return reply.code(503).send({ status: "draining" });
      if (!(await answers(database))) return reply.code(503).send({ status: "database unreachable" });
      return { status: "ok" };
    },
  });
}

async function answers(database: Database): Promise<boolean> {
  const { promise: timeout, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(resolve, patience, false);
  const { ok } = await Promise.race([database.checkConnection(), timeout.then((ok) => ({ ok }))]);
  clearTimeout(timer);
  return ok;
}
