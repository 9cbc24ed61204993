import type { FastifyInstance } from "fastify";
import { within } from "../within.js";
import { turnAway } from "./request-errors.js";

/** For requests in flight to finish. */
const drainTimeoutMs = 10_000;

const probes = new Set(["/livez", "/readyz"]);

/** A server that can stop without cutting anybody off. */
export interface Drain {
  isDraining(): boolean;
  /** Turns away new requests, and resolves when those in flight are answered or have used up their time. */
  drain(): Promise<void>;
}

/** Counts what is in flight, so that stopping can wait for it while `/readyz` still tells the load balancer to look elsewhere. */
export function createDrain(server: FastifyInstance): Drain {
  let draining = false;
  let inFlight = 0;
  const idle = Promise.withResolvers<void>();

  server.addHook("onRequest", (request, reply, done) => {
    inFlight++;
    // Comes once for every request, also when the client leaves before the answer.
    reply.raw.once("close", () => {
      inFlight--;
      if (draining && inFlight === 0) idle.resolve();
    });
    if (!draining) return done();
    reply.header("connection", "close");
    if (probes.has(request.routeOptions.url ?? "")) done();
    else turnAway(request, reply);
  });

  return {
    isDraining: () => draining,
    async drain() {
      draining = true;
      if (inFlight === 0) return;
      await within(drainTimeoutMs, idle.promise, () => {});
    },
  };
}
