import type { StorageConfig } from "../storage/storage-url.js";
import { developmentSecret } from "./development-secret.js";
import { findConflicts, parseSettings, type Settings, settings, simulatorIsOn } from "./settings.js";

/** A mini-program as WeChat knows it. */
export interface WechatApp {
  appId: string;
  secret: string;
}

/** Where the data is, and so which driver reads it. */
export type DatabaseConfig = { driver: "sqlite"; file: string } | { driver: "postgresql"; url: string };

/** What rate limits count. */
export type LimitedAction = "login" | "refresh" | "bindPhone" | "upload" | "updateProfile";

/** How often something may happen within a window that starts with the first time. */
export interface RateLimit {
  times: number;
  seconds: number;
}

/** How often one user may do something, and how often all who share a client address. */
export interface RateLimitPair {
  user: RateLimit;
  address: RateLimit;
}

/** Whose `X-Forwarded-For` counts: nobody's, that of proxies with these addresses, or that of so many proxies in a row. */
export type TrustProxy = false | string[] | number;

/** Everything that can be set from outside, checked and typed. */
export interface Config {
  production: boolean;
  host: string;
  port: number;
  publicUrl: string;
  database: DatabaseConfig;
  /** Where avatars are kept. */
  storage: StorageConfig;
  /** The first signs, all verify. */
  jwtSecrets: [string, ...string[]];
  /** Seconds. */
  accessTokenTtl: number;
  /** Seconds that a session lives without a refresh. */
  refreshTokenTtl: number;
  /** Seconds that a session lives at most. */
  sessionTtl: number;
  wechat: {
    /** The first is the default for logins that name none. */
    apps: [WechatApp, ...WechatApp[]];
    apiUrl: string;
    simulator: boolean;
    /** Whether texts and avatars go through WeChat's content check. */
    contentCheck: boolean;
    /** Signs WeChat's messages to us; without it none are taken. */
    pushToken: string | undefined;
    /** Of the messages, EncodingAESKeys: the last and the present one. If there is none, messages are plain. */
    pushAesKeys: string[];
  };
  explorer: "sandbox" | "graphiql" | "off";
  corsOrigins: string[];
  trustProxy: TrustProxy;
  /** Undefined when they are switched off. */
  rateLimits: Record<LimitedAction, RateLimitPair> | undefined;
  metrics: boolean;
  logLevel: Settings["LOG_LEVEL"];
}

/** The apps that the simulator knows when none are configured: two, bound to one Open Platform account. */
const simulatedApps: [WechatApp, ...WechatApp[]] = [
  { appId: "wx0000000000000001", secret: "00000000000000000000000000000001" },
  { appId: "wx0000000000000002", secret: "00000000000000000000000000000002" },
];

/**
 * Reads the settings from the environment. Outside production a missing `JWT_SECRET` is made once and kept in `secretFile`.
 * @throws ConfigError that names every fault at once
 */
export function loadConfig(env: Record<string, string | undefined>, secretFile = "data/jwt-secret"): Config {
  return toConfig(parseSettings(settings, env, findConflicts), secretFile);
}

const dataSettings = settings.pick({
  DATABASE_URL: true,
  STORAGE_URL: true,
  PUBLIC_URL: true,
  HOST: true,
  PORT: true,
});

/**
 * Reads where the data is, for commands that need no other setting.
 * @throws ConfigError
 */
export function loadDataConfig(
  env: Record<string, string | undefined>,
): Pick<Config, "database" | "storage" | "publicUrl"> {
  const given = parseSettings(dataSettings, env);
  return { database: given.DATABASE_URL, storage: given.STORAGE_URL, publicUrl: publicUrlOf(given) };
}

/**
 * Reads which apps the server knows, for commands that need no other setting of theirs. In production they may be unknown
 * here: none.
 * @throws ConfigError
 */
export function loadAppIds(env: Record<string, string | undefined>): string[] {
  const { NODE_ENV, WECHAT_APPS } = parseSettings(settings.pick({ NODE_ENV: true, WECHAT_APPS: true }), env);
  return (WECHAT_APPS ?? (NODE_ENV === "production" ? [] : simulatedApps)).map(({ appId }) => appId);
}

/** The address of a web server: an IPv6 address needs brackets. */
export const httpAddress = (host: string, port: number) => `http://${host.includes(":") ? `[${host}]` : host}:${port}`;

const publicUrlOf = ({ PUBLIC_URL, HOST, PORT }: Pick<Settings, "PUBLIC_URL" | "HOST" | "PORT">) =>
  PUBLIC_URL ?? httpAddress(HOST, PORT);

function toConfig(given: Settings, secretFile: string): Config {
  const production = given.NODE_ENV === "production";
  return {
    production,
    host: given.HOST,
    port: given.PORT,
    publicUrl: publicUrlOf(given),
    database: given.DATABASE_URL,
    storage: given.STORAGE_URL,
    jwtSecrets: given.JWT_SECRET ?? [developmentSecret(secretFile)],
    accessTokenTtl: given.ACCESS_TOKEN_TTL,
    refreshTokenTtl: given.REFRESH_TOKEN_TTL,
    sessionTtl: given.SESSION_TTL,
    wechat: {
      apps: given.WECHAT_APPS ?? simulatedApps,
      apiUrl: given.WECHAT_API_URL ?? "https://api.weixin.qq.com",
      simulator: simulatorIsOn(given),
      pushToken: given.WECHAT_PUSH_TOKEN,
      pushAesKeys: given.WECHAT_PUSH_AES_KEY ?? [],
      contentCheck: given.WECHAT_CONTENT_CHECK === "on",
    },
    explorer: production ? "off" : given.EXPLORER,
    corsOrigins: given.CORS_ORIGINS ?? (production ? [] : ["https://studio.apollographql.com"]),
    trustProxy: given.TRUST_PROXY,
    rateLimits: rateLimitsOf(given),
    metrics: given.METRICS === "on",
    logLevel: given.LOG_LEVEL,
  };
}

function rateLimitsOf(given: Settings): Config["rateLimits"] {
  if (given.RATE_LIMIT === "off") return undefined;
  return {
    login: given.RATE_LIMIT_LOGIN,
    refresh: given.RATE_LIMIT_REFRESH,
    bindPhone: given.RATE_LIMIT_BIND_PHONE,
    upload: given.RATE_LIMIT_UPLOAD,
    updateProfile: given.RATE_LIMIT_UPDATE_PROFILE,
  };
}
