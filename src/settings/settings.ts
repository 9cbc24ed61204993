import { z } from "zod";
import { ConfigError } from "./config-error.js";
import { jwtKeys } from "./jwt-keys.js";
import {
  apps,
  databaseUrl,
  duration,
  httpUrl,
  jwtSecrets,
  limitOf,
  origins,
  pushAesKeys,
  secondsPer,
  storageUrl,
  trustProxy,
  webhookSecrets,
  webhookUrl,
} from "./setting-types.js";

const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

const onOrOff = z.enum(["on", "off"], "must be on or off");

/** Migrating needs two connections: one has the lock, the other changes the tables. */
const poolFault = "must be a number of connections from 2 to 999";

/** What can be set, by name: what a value must look like, what it becomes, and what holds without it. */
export const settings = z.object({
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
  DATABASE_POOL: z
    .string()
    .regex(/^\d{1,3}$/, poolFault)
    .transform(Number)
    .refine((connections) => connections >= 2, poolFault)
    .default(10),
  DATABASE_WAIT: z
    .union([z.literal("0").transform(() => 0), duration], "must be a number with s, m, h or d, such as 2m, or 0")
    .default(2 * secondsPer.m),
  STORAGE_URL: storageUrl.default({ kind: "disk", folder: "./data/avatars" }),
  JWT_SECRET: jwtSecrets.optional(),
  JWT_KEYS: jwtKeys.optional(),
  INTROSPECTION_SECRET: z
    .string()
    .regex(/^[\w.~+/-]{1,512}=*$/, "must be letters and digits, as a header can have them (try: openssl rand -hex 24)")
    .optional(),
  ACCESS_TOKEN_TTL: duration.default(2 * secondsPer.h),
  REFRESH_TOKEN_TTL: duration.default(30 * secondsPer.d),
  SESSION_TTL: duration.default(180 * secondsPer.d),
  REAUTHENTICATE: onOrOff.default("off"),
  WECHAT_APPS: apps.optional(),
  WECHAT_API_URL: httpUrl.optional(),
  WECHAT_SIMULATOR: onOrOff.optional(),
  WECHAT_CONTENT_CHECK: onOrOff.default("off"),
  WECHAT_PUSH_TOKEN: z
    .string()
    .regex(/^[A-Za-z0-9]{3,32}$/, "must be 3 to 32 letters and digits, as set at WeChat's")
    .optional(),
  WECHAT_PUSH_AES_KEY: pushAesKeys.optional(),
  WEBHOOK_URL: webhookUrl.optional(),
  WEBHOOK_SECRET: webhookSecrets.optional(),
  EXPLORER: z.enum(["sandbox", "graphiql", "off"], "must be sandbox, graphiql or off").default("sandbox"),
  CORS_ORIGINS: origins.optional(),
  TRUST_PROXY: trustProxy.default(false),
  RATE_LIMIT: onOrOff.default("on"),
  RATE_LIMIT_LOGIN: limitOf("100/1m,600/1m"),
  RATE_LIMIT_REFRESH: limitOf("60/1m,1200/1m"),
  RATE_LIMIT_BIND_PHONE: limitOf("10/10m,600/10m"),
  RATE_LIMIT_UPLOAD: limitOf("20/10m,600/10m"),
  RATE_LIMIT_UPDATE_PROFILE: limitOf("30/1m,1200/1m"),
  RATE_LIMIT_ACCOUNT: limitOf("30/1m,1200/1m"),
  AUDIT_RETENTION: duration.default(400 * secondsPer.d),
  OPERATOR_PAGE: onOrOff.default("off"),
  METRICS: onOrOff.default("off"),
  LOG_CLIENT_ADDRESS: onOrOff.default("off"),
  LOG_LEVEL: z.enum(logLevels, `must be one of ${logLevels.join(", ")}`).default("info"),
});

/** The settings as parsed. */
export type Settings = z.infer<typeof settings>;

/** The names of all settings, as docs/settings.md lists them. */
export const settingNames = Object.keys(settings.shape);

/** What an environment holds. A setting that is empty counts as not given. */
export const givenOf = (env: Record<string, string | undefined>): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));

/**
 * Checks the settings of a shape, and what is wrong between them.
 * @throws ConfigError that names every fault at once
 */
export function parseSettings<Shape extends z.ZodType>(
  shape: Shape,
  env: Record<string, string | undefined>,
  conflictsOf: (given: Named) => string[] = () => [],
): z.infer<Shape> {
  const given = givenOf(env);
  const parsed = shape.safeParse(given);
  const issues = parsed.error?.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`) ?? [];
  const faults = [...issues, ...conflictsOf(given)];
  if (!parsed.success || faults.length > 0) throw new ConfigError(faults);
  return parsed.data;
}

/** The settings by name, as given or as parsed. */
export type Named = Partial<Record<keyof Settings, unknown>>;
