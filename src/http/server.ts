import { randomUUID } from "node:crypto";
import cors from "@fastify/cors";
import helmet from "@fastify/helmet";
import Fastify from "fastify";
import type { GraphQLSchema } from "graphql";
import type { Config } from "../config.js";
import type { Services } from "../context.js";
import type { Database } from "../database.js";
import { createApollo } from "./apollo.js";
import { addAvatarFiles } from "./avatar-files.js";
import { addAvatarRoute } from "./avatar-route.js";
import { addBodyDeadline } from "./body-deadline.js";
import { trustOf, warnOfUntrustedProxy } from "./client-address.js";
import { answerBadAddress, answerUnreadable } from "./connection-errors.js";
import { createDrain } from "./drain.js";
import { createExplorer } from "./explorer/explorer.js";
import { addGraphqlRoute } from "./graphql-route.js";
import { addHealthRoutes } from "./health.js";
import { addJsonBody } from "./json-body.js";
import { addMetricsRoute } from "./metrics-route.js";
import { addPushRoute } from "./push-route.js";
import { addRequestContext } from "./request-context.js";
import { addRequestErrors, addUnknownRoutes } from "./request-errors.js";
import { addRequestLog } from "./request-log.js";
import { addUnreadBodies } from "./unread-body.js";

interface ServerOptions {
  config: Config;
  schema: GraphQLSchema;
  services: Services;
  database: Database;
}

/** The web server. */
export interface Server {
  /** Starts listening and returns the port. */
  listen(): Promise<number>;
  /** Turns away new requests, lets those in flight finish (ten seconds at most), and closes. */
  close(): Promise<void>;
}

/** Bytes. */
const bodyLimit = 100_000;

/** Milliseconds in which a request must have arrived: as long as `wx.uploadFile` waits, since a phone may send slowly. */
const requestTimeout = 60_000;

/** Milliseconds in which a request's headers must have arrived. */
const headersTimeout = 15_000;

/** Milliseconds between two looks at which requests are late. */
const connectionsCheckingInterval = 1_000;

/** Makes the web server with all its routes. */
export async function createServer({ config, schema, services, database }: ServerOptions): Promise<Server> {
  const { log } = services;
  const server = Fastify({
    bodyLimit,
    requestTimeout,
    http: { headersTimeout, connectionsCheckingInterval, requireHostHeader: false },
    genReqId: () => randomUUID(),
    exposeHeadRoutes: false,
    return503OnClosing: false,
    trustProxy: trustOf(config.trustProxy),
    forceCloseConnections: true,
    clientErrorHandler: answerUnreadable(log),
    frameworkErrors: answerBadAddress,
  });
  addJsonBody(server);
  addRequestLog(server, services);
  addRequestErrors(server, log);
  addUnreadBodies(server);
  if (config.rateLimits && !config.trustProxy) warnOfUntrustedProxy(server, log);
  server.addHook("onRequest", async (request, reply) => {
    reply.header("x-request-id", request.id);
  });
  await server.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    strictTransportSecurity: config.publicUrl.startsWith("https:") && { includeSubDomains: false },
  });
  const drain = createDrain(server);
  addUnknownRoutes(server);
  if (config.corsOrigins.length > 0) {
    await server.register(cors, { origin: config.corsOrigins, methods: ["GET", "POST"], maxAge: 600 });
  }

  const apollo = createApollo(schema, config.production, log);
  await apollo.start();
  addBodyDeadline(server);
  addRequestContext(server);
  addGraphqlRoute(server, apollo, services, createExplorer(config.explorer));
  await addAvatarRoute(server, services);
  if (services.avatarStore.read) addAvatarFiles(server, services.avatarStore);
  addMetricsRoute(server, services.metrics);
  const { pushToken, apps } = config.wechat;
  if (pushToken) await addPushRoute(server, { token: pushToken, apps, services });
  addHealthRoutes(server, database, drain.isDraining);

  return {
    async listen() {
      await server.listen({ host: config.host, port: config.port });
      const [address] = server.addresses();
      return address !== undefined && typeof address === "object" ? address.port : config.port;
    },
    async close() {
      await drain.drain();
      await server.close();
      await apollo.stop();
    },
  };
}
