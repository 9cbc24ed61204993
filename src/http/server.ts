import { randomUUID } from "node:crypto";
import type { ApolloServer } from "@apollo/server";
import cors from "@fastify/cors";
import Fastify, { type FastifyInstance } from "fastify";
import type { GraphQLSchema } from "graphql";
import type { Logger } from "pino";
import type { Activity } from "../activity.js";
import type { Context, OwnRules, Services } from "../context.js";
import type { Health } from "../database/health.js";
import type { Sweeper } from "../database/sweeper.js";
import type { Config } from "../settings/config.js";
import type { Deliveries } from "../webhooks/deliveries.js";
import { addAvatarFiles } from "./avatars/files.js";
import { addUploadRoute } from "./avatars/upload-route.js";
import { addBodyTimeout, addJsonBodies, maxBodyBytes } from "./bodies.js";
import { trustOf, warnOfProxy, warnOfUnreadableAddress } from "./client-address.js";
import { addOperationContext, contextsOn } from "./create-context.js";
import { createDrain, type Drain } from "./drain.js";
import { createExplorer } from "./explorer/explorer.js";
import { createApollo } from "./graphql/apollo.js";
import { addGraphqlRoute } from "./graphql/route.js";
import { addIntrospectionRoute } from "./introspection-route.js";
import { addKeyRoutes } from "./key-routes.js";
import { addHealthRoutes, addMetricsRoute } from "./probes.js";
import { addPushRoute } from "./push-route.js";
import { addRequestErrors, addUnknownRoutes, answerBadAddress, answerUnreadable } from "./request-errors.js";
import { refuseAmbiguousHeads } from "./request-head.js";
import { addRequestLog } from "./request-log.js";
import { addHeaders } from "./security-headers.js";
import { addUnreadBodies } from "./unread-body.js";

interface ServerOptions {
  config: Config;
  schema: GraphQLSchema;
  services: Services;
  own: OwnRules;
  health: Pick<Health, "check">;
  sweeper: Pick<Sweeper, "sweepIfDue">;
  /** Undefined if nobody is told of events. */
  deliveries: Pick<Deliveries, "wake"> | undefined;
  activity: Activity;
}

/** The web server. */
export interface Server {
  /** Starts listening and returns the port. */
  listen(): Promise<number>;
  /** Turns away new requests, lets those in flight finish (ten seconds at most), and closes. */
  close(): Promise<void>;
}

/** In which a request must have arrived: as long as `wx.uploadFile` waits, since a phone may send slowly. */
const requestTimeoutMs = 60_000;

/** In which a request's headers must have arrived. */
const headersTimeoutMs = 15_000;

/** Between two looks at which requests are late. */
const checkIntervalMs = 1_000;

/** Makes the web server with all its routes. */
export async function createServer(options: ServerOptions): Promise<Server> {
  const { config, schema, services, sweeper, deliveries } = options;
  const server = createFastify(config, services.log);
  addJsonBodies(server);
  addRequestLog(server, services, { withAddress: config.logClientAddress });
  addRequestErrors(server, services.log);
  addUnreadBodies(server);
  if (config.rateLimits && config.trustProxy) warnOfUnreadableAddress(server, services.log);
  if (config.rateLimits && !config.trustProxy) warnOfProxy(server, services.log, "untrusted");
  if (config.wechat.simulator) warnOfProxy(server, services.log, "simulator");
  addHeaders(server, config.publicUrl.startsWith("https:"));
  const drain = createDrain(server);
  refuseAmbiguousHeads(server);
  addUnknownRoutes(server);
  if (config.corsOrigins.length > 0) {
    await server.register(cors, { origin: config.corsOrigins, methods: ["GET", "POST"], maxAge: 600 });
  }
  addBodyTimeout(server);
  server.addHook("onResponse", (_request, _reply, done) => {
    sweeper.sweepIfDue();
    deliveries?.wake();
    done();
  });
  const apollo = createApollo(schema, config.production, services.log);
  await apollo.start();
  await addRoutes(server, options, { apollo, drain });

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

function createFastify(config: Config, log: Logger): FastifyInstance {
  return Fastify({
    bodyLimit: maxBodyBytes,
    requestTimeout: requestTimeoutMs,
    http: {
      headersTimeout: headersTimeoutMs,
      connectionsCheckingInterval: checkIntervalMs,
      requireHostHeader: false,
    },
    genReqId: () => randomUUID(),
    exposeHeadRoutes: false,
    return503OnClosing: false,
    trustProxy: trustOf(config.trustProxy),
    forceCloseConnections: true,
    clientErrorHandler: answerUnreadable(log),
    frameworkErrors: answerBadAddress,
  });
}

async function addRoutes(
  server: FastifyInstance,
  { config, services, own, health, activity }: ServerOptions,
  { apollo, drain }: { apollo: ApolloServer<Context>; drain: Drain },
): Promise<void> {
  addOperationContext(server);
  const createContext = contextsOn(services, own);
  addGraphqlRoute(server, { apollo, createContext, explorer: createExplorer(config.explorer) });
  await addUploadRoute(server, services, createContext);
  if (services.avatarStore.read) addAvatarFiles(server, services.avatarStore);
  addMetricsRoute(server, services.metrics);
  const { pushToken: token, pushAesKeys: aesKeys, apps } = config.wechat;
  const appIds = apps.map(({ appId }) => appId);
  if (config.operatorPage) {
    const { addOperatorPage } = await import("./operator/operator-page.js");
    await addOperatorPage(server, {
      services,
      publicUrl: config.publicUrl,
      appIds,
      activity,
      hasWebhooks: config.webhook !== undefined,
    });
  }
  if (token) await addPushRoute(server, { token, aesKeys, appIds }, services);
  const { jwtKeys, introspectionSecret, publicUrl } = config;
  if (jwtKeys) addKeyRoutes(server, jwtKeys, { publicUrl, introspects: introspectionSecret !== undefined });
  if (introspectionSecret) await addIntrospectionRoute(server, introspectionSecret, services);
  addHealthRoutes(server, health, drain.isDraining);
}
