import type { Logger } from "pino";
import { createAccessTokens } from "./auth/access-token.js";
import { countSessions } from "./auth/count-sessions.js";
import { createKeyRing } from "./auth/keys.js";
import { createRefreshTokens } from "./auth/refresh-token.js";
import { createSessionSweeper } from "./auth/sweep-sessions.js";
import { createImageNormalizer } from "./avatar/normalize-image.js";
import { openAvatarStore } from "./avatar/open-store.js";
import { type Config, httpAddress } from "./config.js";
import type { Services } from "./context.js";
import { type Database, openDatabase } from "./database.js";
import { createServer } from "./http/server.js";
import { createLocalCounter } from "./limits/counter.js";
import { createRateLimits } from "./limits/rate-limits.js";
import { createSharedCounters } from "./limits/shared-counter.js";
import { createMetrics, noMetrics } from "./metrics.js";
import { createSchema } from "./schema.js";
import { startSimulator } from "./wechat/simulator/simulator.js";
import { createWechat } from "./wechat/wechat.js";

/** What comes from outside the process, so that tests can bring their own. */
export interface Surroundings {
  fetch: typeof globalThis.fetch;
  now: () => Date;
  log: Logger;
}

/** The running server. */
export interface App {
  /** Where it listens, such as `http://127.0.0.1:4000`. */
  url: string;
  /** Where the WeChat simulator listens, if it is on. */
  simulatorUrl: string | undefined;
  database: Database;
  /** Finishes what is in flight and closes everything. */
  close(): Promise<void>;
}

/** Puts wxpass together and starts it. */
export async function startApp(config: Config, { fetch, now, log }: Surroundings): Promise<App> {
  const simulator = config.wechat.simulator
    ? await startSimulator({
        apps: config.wechat.apps,
        now,
        port: config.port && config.port + 1,
        pushToken: config.wechat.pushToken,
      })
    : undefined;
  const avatarStore = await openAvatarStore(config.storage, { publicUrl: config.publicUrl, fetch, now });
  const database = await openDatabase(config.database, log);
  const keys = createKeyRing(config.jwtSecrets);
  const metrics = config.metrics
    ? createMetrics({ countSessions: () => countSessions(database.em, now()), log })
    : noMetrics;
  const sharedCounters =
    config.database.driver === "postgresql" ? await createSharedCounters(database, now, log) : undefined;
  const services: Services = {
    em: database.em,
    wechat: createWechat({
      apps: config.wechat.apps,
      apiUrl: simulator?.url ?? config.wechat.apiUrl,
      fetch,
      now,
      log,
      observe: metrics.wechatCall,
    }),
    contentCheck: config.wechat.contentCheck,
    avatarCheck: config.wechat.contentCheck && config.wechat.pushToken !== undefined,
    accessTokens: createAccessTokens({ keys, issuer: config.publicUrl, ttl: config.accessTokenTtl, now }),
    refreshTokens: createRefreshTokens(keys),
    sessionSweeper: createSessionSweeper(database.em, now, log),
    sessionLife: { idle: config.refreshTokenTtl, absolute: config.sessionTtl },
    avatarStore,
    images: createImageNormalizer(),
    rateLimits: createRateLimits({
      limits: config.rateLimits,
      createCounter: sharedCounters?.create ?? createLocalCounter,
      key: keys[0].rateLimits,
      onLimited: metrics.rateLimited,
    }),
    metrics,
    now,
    log,
  };
  const server = await createServer({ config, schema: createSchema(), services, database });
  const port = await server.listen();
  const url = httpAddress(onThisMachine(config.host), port);
  simulator?.pushTo(`${url}/wechat/push`);

  return {
    url,
    simulatorUrl: simulator?.url,
    database,
    async close() {
      await server.close();
      services.images.close();
      await simulator?.close();
      await services.sessionSweeper.settled();
      await sharedCounters?.settled();
      await database.close();
    },
  };
}

/** Where this machine itself reaches a server that listens on all of its addresses. */
function onThisMachine(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  return host === "::" ? "::1" : host;
}
