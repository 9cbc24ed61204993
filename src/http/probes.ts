import type { FastifyInstance } from "fastify";
import type { Database } from "../database/database.js";

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

/** Connections to choose from may have been cut since their last use; each try weeds one out. */
const tries = 3;

async function answers(database: Database): Promise<boolean> {
  const { promise: timeout, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(resolve, patience, false);
  const ok = await Promise.race([check(database, tries), timeout]);
  clearTimeout(timer);
  return ok;
}

async function check(database: Database, left: number): Promise<boolean> {
  const { ok } = await database.checkConnection();
  return ok || (left > 1 && check(database, left - 1));
}
