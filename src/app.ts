import type { Logger } from "pino";
import { watch } from "./activity.js";
import { type BackEnd, rulesOf } from "./back-end.js";
import type { Services } from "./context.js";
import { type Database, openDatabase } from "./database/database.js";
import { type Health, openHealth } from "./database/health.js";
import { countPendingEvents } from "./database/outbox.js";
import { countRows } from "./database/row-counts.js";
import { createSweeper } from "./database/sweeper.js";
import { tablesWith } from "./entities.js";
import { httpAddress, onThisMachine } from "./hosts.js";
import { createServer } from "./http/server.js";
import { createImageNormalizer } from "./images/normalize-image.js";
import { createLocalCounters } from "./limits/counter.js";
import { createRateLimits, type RateLimitPair } from "./limits/rate-limits.js";
import { createSharedCounters } from "./limits/shared-counter.js";
import { createMetrics, type Metrics, noMetrics } from "./metrics.js";
import { createSchema } from "./schema.js";
import { type Config, databasePlace } from "./settings/config.js";
import { startingWith } from "./settings/config-error.js";
import { openFileStore } from "./storage/open-store.js";
import { sweepsOf } from "./sweeps.js";
import { accessKeysOf } from "./tokens/access-keys.js";
import { createAccessTokens } from "./tokens/access-tokens.js";
import { createKeyRing, type KeyRing } from "./tokens/keys.js";
import { createRefreshTokens } from "./tokens/refresh-tokens.js";
import { deliverTo } from "./webhooks/deliveries.js";
import type { Simulator } from "./wechat/simulator/simulator.js";
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

/** Closes what was opened, the last first. */
type Opened = (() => Promise<void>)[];

/** Puts wxpass together and starts it. If it can't start, nothing stays open. */
export async function startApp(config: Config, surroundings: Surroundings, own: BackEnd = {}): Promise<App> {
  const opened: Opened = [];
  try {
    return await start(config, surroundings, own, opened);
  } catch (error) {
    // What can't be closed is of no interest beside why it didn't start.
    await closeAll(opened.map((close) => () => close().catch(() => {})));
    throw error;
  }
}

async function closeAll(opened: Opened): Promise<void> {
  for (const close of opened.toReversed()) await close();
}

async function start(config: Config, surroundings: Surroundings, own: BackEnd, opened: Opened): Promise<App> {
  const { now, log } = surroundings;
  for (const warning of config.warnings) log.warn(warning.en);
  // What is wrong with an own back end is said before the tables are changed for it.
  const schema = createSchema(own);
  const tables = tablesWith(own);
  const simulator = await simulatorOf(config, now);
  opened.push(async () => simulator?.close());
  const database = await startingWith(databasePlace(config), () => openDatabase(config.database, tables, log));
  const health = openHealth(database, now, log);
  // SQLite's locks go when anything else closes the file.
  opened.push(() => database.close().then(health.close));
  const { metrics, activity } = watch(await metricsOf(config, surroundings, database, health), now);
  const apiUrl = simulator?.url ?? config.wechat.apiUrl;
  const keys = createKeyRing(config.jwtSecrets);
  const createLimits = await limitsOn(config, now, { database, metrics, keys });
  const services = await createServices(config, surroundings, { database, metrics, apiUrl, keys, createLimits });
  const { auditRetentionSeconds } = config;
  const sweeps = sweepsOf({ isShared: isShared(config), auditRetentionSeconds, ...services });
  const sweeper = createSweeper({ em: database.em, sweeps, now, log });
  opened.push(sweeper.close, async () => services.images.close());
  const deliveries = await deliverTo(config.webhook, { ...services, fetch: surroundings.fetch });
  opened.push(async () => deliveries?.close());
  const rules = rulesOf(own, createLimits(config.ownLimits));
  const server = await createServer({ config, schema, services, own: rules, health, sweeper, deliveries, activity });
  // Both take their time, so they take it together.
  opened.push(async () => void (await Promise.all([server.close(), deliveries?.close()])));
  const port = await startingWith("HOST, PORT", () => server.listen());
  const url = httpAddress(onThisMachine(config.host), port);
  simulator?.pushTo(`${url}/wechat/push`);
  return { url, simulatorUrl: simulator?.url, database, close: () => closeAll(opened) };
}

/** Whether several processes may share the database. */
const isShared = ({ database }: Config) => database.driver === "postgresql";

/** Starts the simulator, if it is on. */
async function simulatorOf({ wechat, port }: Config, now: () => Date): Promise<Simulator | undefined> {
  if (!wechat.simulator) return undefined;
  const { startSimulator } = await import("./wechat/simulator/simulator.js");
  const { apps, pushToken, pushAesKeys } = wechat;
  return startSimulator({ apps, now, port: port && port + 1, pushToken, pushAesKeys });
}

/** The meters, if they are on. */
async function metricsOf(
  config: Config,
  { now, log }: Surroundings,
  { em }: Database,
  health: Health,
): Promise<Metrics> {
  if (!config.metrics) return noMetrics;
  return createMetrics({
    countSessions: () => countRows(em.fork(), "sessions"),
    countPendingEvents: () => countPendingEvents(em.fork()),
    isReady: health.check,
    now,
    log,
  });
}

/** What the services are made from. */
interface Parts {
  database: Database;
  metrics: Metrics;
  /** Where WeChat is. */
  apiUrl: string;
  keys: KeyRing;
  createLimits: Awaited<ReturnType<typeof limitsOn>>;
}

/** What makes the rate limits, ours and those of an own back end: they are counted in the same place. */
async function limitsOn(
  config: Config,
  now: () => Date,
  { database, metrics, keys }: Pick<Parts, "database" | "metrics" | "keys">,
) {
  const createCounter = isShared(config) ? await createSharedCounters(database, now) : createLocalCounters(now);
  const key = keys[0].rateLimits;
  return <Action extends string>(limits: Record<Action, RateLimitPair> | undefined) =>
    createRateLimits({ limits, createCounter, key, onLimited: metrics.rateLimited });
}

async function createServices(
  config: Config,
  { fetch, now, log }: Surroundings,
  { database, metrics, apiUrl, keys, createLimits }: Parts,
): Promise<Services> {
  return {
    em: database.em,
    wechat: createWechat({ apps: config.wechat.apps, apiUrl, fetch, now, observe: metrics.wechatCall }),
    contentCheck: config.contentCheck,
    accessTokens: createAccessTokens({
      keys: accessKeysOf(keys, config.jwtKeys),
      issuer: config.publicUrl,
      ttlSeconds: config.accessTokenSeconds,
      now,
    }),
    refreshTokens: createRefreshTokens(keys),
    sessionLife: config.sessionLife,
    codeRequired: config.reauthenticate,
    avatarStore: await startingWith("STORAGE_URL", () =>
      openFileStore(config.storage, { publicUrl: config.publicUrl, fetch, now }),
    ),
    images: createImageNormalizer(),
    rateLimits: createLimits(config.rateLimits),
    metrics,
    settings: config.ownSettings,
    now,
    log,
  };
}
