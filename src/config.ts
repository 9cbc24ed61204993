import { z } from "zod";
import type { StorageConfig } from "./avatar/storage-url.js";
import { ConfigError } from "./config/config-error.js";
import { developmentSecret } from "./config/development-secret.js";
import {
  apps,
  databaseUrl,
  duration,
  httpUrl,
  jwtSecrets,
  limitOf,
  origins,
  secondsPer,
  storageUrl,
  trustProxy,
} from "./config/setting-types.js";

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
  };
  explorer: "sandbox" | "graphiql" | "off";
  corsOrigins: string[];
  trustProxy: TrustProxy;
  /** Undefined when they are switched off. */
  rateLimits: Record<LimitedAction, RateLimitPair> | undefined;
  metrics: boolean;
  logLevel: (typeof logLevels)[number];
}

const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

/** The apps that the simulator knows when none are configured: two, bound to one Open Platform account. */
const simulatedApps: [WechatApp, ...WechatApp[]] = [
  { appId: "wx0000000000000001", secret: "00000000000000000000000000000001" },
  { appId: "wx0000000000000002", secret: "00000000000000000000000000000002" },
];

const onOrOff = z.enum(["on", "off"], "must be on or off");

const settings = z.object({
  NODE_ENV: z.enum(["development", "production", "test"], "must be development or production").default("development"),
  HOST: z.string().default("127.0.0.1"),
  PORT: z
    .string()
    .regex(/^\d{1,5}$/, "must be a port number")
    .transform(Number)
    .refine((port) => port <= 65_535, "must be a port number")
    .default(4000),
  PUBLIC_URL: httpUrl.optional(),
  DATABASE_URL: databaseUrl.default({ driver: "sqlite", file: "./data/wxpass.db" }),
  STORAGE_URL: storageUrl.default({ kind: "disk", folder: "./data/avatars" }),
  JWT_SECRET: jwtSecrets.optional(),
  ACCESS_TOKEN_TTL: duration.default(2 * secondsPer.h),
  REFRESH_TOKEN_TTL: duration.default(30 * secondsPer.d),
  SESSION_TTL: duration.default(180 * secondsPer.d),
  WECHAT_APPS: apps.optional(),
  WECHAT_API_URL: httpUrl.optional(),
  WECHAT_SIMULATOR: onOrOff.optional(),
  WECHAT_CONTENT_CHECK: onOrOff.default("off"),
  WECHAT_PUSH_TOKEN: z
    .string()
    .regex(/^[A-Za-z0-9]{3,32}$/, "must be 3 to 32 letters and digits, as set at WeChat's")
    .optional(),
  EXPLORER: z.enum(["sandbox", "graphiql", "off"], "must be sandbox, graphiql or off").default("sandbox"),
  CORS_ORIGINS: origins.optional(),
  TRUST_PROXY: trustProxy.default(false),
  RATE_LIMIT: onOrOff.default("on"),
  RATE_LIMIT_LOGIN: limitOf("100/1m,600/1m"),
  RATE_LIMIT_REFRESH: limitOf("60/1m,1200/1m"),
  RATE_LIMIT_BIND_PHONE: limitOf("10/10m,600/10m"),
  RATE_LIMIT_UPLOAD: limitOf("20/10m,600/10m"),
  RATE_LIMIT_UPDATE_PROFILE: limitOf("30/1m,1200/1m"),
  METRICS: onOrOff.default("off"),
  LOG_LEVEL: z.enum(logLevels, `must be one of ${logLevels.join(", ")}`).default("info"),
});

type Settings = z.infer<typeof settings>;

/** The names of all settings, as the README lists them. */
export const settingNames = Object.keys(settings.shape);

/**
 * Reads the settings from the environment. Outside production a missing `JWT_SECRET` is made once and kept in `secretFile`.
 * @throws ConfigError that names every fault at once
 */
export function loadConfig(env: Record<string, string | undefined>, secretFile = "data/jwt-secret"): Config {
  return toConfig(parse(settings, env, conflicts), secretFile);
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
  const given = parse(dataSettings, env);
  return { database: given.DATABASE_URL, storage: given.STORAGE_URL, publicUrl: publicUrlOf(given) };
}

/**
 * Reads which apps the server knows, for commands that need no other setting of theirs. In production they may be unknown
 * here: none.
 * @throws ConfigError
 */
export function loadAppIds(env: Record<string, string | undefined>): string[] {
  const { NODE_ENV, WECHAT_APPS } = parse(settings.pick({ NODE_ENV: true, WECHAT_APPS: true }), env);
  return (WECHAT_APPS ?? (NODE_ENV === "production" ? [] : simulatedApps)).map(({ appId }) => appId);
}

/** Checks the settings of a shape, and what is wrong between them. One that is empty counts as not given. */
function parse<Shape extends z.ZodType>(
  shape: Shape,
  env: Record<string, string | undefined>,
  findConflicts: (given: Named) => string[] = () => [],
): z.infer<Shape> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
  const parsed = shape.safeParse(given);
  const issues = parsed.error?.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`) ?? [];
  const faults = [...issues, ...findConflicts(given)];
  if (!parsed.success || faults.length > 0) throw new ConfigError(faults);
  return parsed.data;
}

/** The settings by name, as given or as parsed. */
type Named = Partial<Record<keyof Settings, unknown>>;

/** What is wrong between settings, be they right one by one or not. */
function conflicts(given: Named): string[] {
  const production = given.NODE_ENV === "production";
  const faults: string[] = [];
  if (production && !given.JWT_SECRET) faults.push("JWT_SECRET: required in production (try: openssl rand -base64 48)");
  if (production && given.WECHAT_SIMULATOR === "on") faults.push("WECHAT_SIMULATOR: can't be on in production");
  if (!given.WECHAT_APPS && (production || given.WECHAT_SIMULATOR === "off")) {
    faults.push("WECHAT_APPS: required when the simulator is off, as appid:secret");
  }
  if (given.WECHAT_API_URL && simulatorIsOn(given)) {
    faults.push("WECHAT_API_URL: can't be set while the simulator is on, which brings its own");
  }
  return faults;
}

const simulatorIsOn = (given: Named) =>
  given.WECHAT_SIMULATOR ? given.WECHAT_SIMULATOR === "on" : !given.WECHAT_APPS && given.NODE_ENV !== "production";

const publicUrlOf = ({ PUBLIC_URL, HOST, PORT }: Pick<Settings, "PUBLIC_URL" | "HOST" | "PORT">) =>
  PUBLIC_URL ?? `http://${HOST.includes(":") ? `[${HOST}]` : HOST}:${PORT}`;

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
