import { randomBytes } from "node:crypto";
import type { DatabaseConfig } from "../database/options.js";
import type { Text } from "../errors.js";
import { httpAddress } from "../hosts.js";
import type { RateLimitPair } from "../limits/rate-limits.js";
import type { WechatApp } from "../wechat/app.js";
import { ConfigError } from "./config-error.js";
import { findConflicts, findWarnings, simulatorIsOn } from "./conflicts.js";
import { developmentSecret } from "./development-secret.js";
import { checkOwnSettings, faultsOfErrors, type OwnSettings, parseOwnLimits } from "./own-settings.js";
import { givenOf, parseSettings, type Settings, settings } from "./settings.js";

/** Everything that can be set from outside, checked and typed. */
export type Config = ReturnType<typeof toConfig> & {
  /** The settings of an own back end. */
  ownSettings: Record<string, unknown>;
  /** Its rate limits; undefined when all are switched off. */
  ownLimits: Record<string, RateLimitPair> | undefined;
};

/** What an own back end adds to the settings. */
interface OwnConfig {
  settings?: OwnSettings;
  limits?: Record<string, string>;
  errors?: Record<string, unknown>;
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
export function loadConfig(
  env: Record<string, string | undefined>,
  secretFile = "data/jwt-secret",
  own: OwnConfig = {},
): Config {
  const ownValues = checkOwnSettings(own.settings ?? {}, givenOf(env));
  const ownLimits = parseOwnLimits(own.limits ?? {});
  const faults = [...ownValues.faults, ...ownLimits.faults, ...faultsOfErrors(own.errors ?? {})];
  const given = parseSettings(settings, env, (named) => [...findConflicts(named), ...faults]);
  const warnings = findWarnings(givenOf(env), Object.keys(own.settings ?? {}));
  return {
    ...toConfig(given, warnings, secretFile),
    ownSettings: ownValues.values,
    ownLimits: given.RATE_LIMIT === "off" ? undefined : ownLimits.limits,
  };
}

/**
 * Reads the settings to look at them: nothing is made, and a secret that a server outside production would make is a random one.
 * @throws ConfigError that names every fault at once
 */
export function loadConfigToExamine(env: Record<string, string | undefined>, own: OwnConfig = {}): Config {
  const given = givenOf(env);
  const secret = given["NODE_ENV"] === "production" ? {} : { JWT_SECRET: randomBytes(48).toString("base64url") };
  return loadConfig({ ...secret, ...given }, undefined, own);
}

const dataSettings = settings.pick({
  DATABASE_URL: true,
  DATABASE_POOL: true,
  DATABASE_WAIT: true,
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
  return { database: databaseOf(given), storage: given.STORAGE_URL, publicUrl: publicUrlOf(given) };
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

/**
 * Reads the secrets of the server's tokens, for a command that needs no other setting.
 * @throws ConfigError
 */
export function loadJwtSecrets(env: Record<string, string | undefined>, secretFile = "data/jwt-secret") {
  const { NODE_ENV, JWT_SECRET } = parseSettings(settings.pick({ NODE_ENV: true, JWT_SECRET: true }), env);
  if (JWT_SECRET) return JWT_SECRET;
  if (NODE_ENV === "production") throw new ConfigError(["JWT_SECRET: required in production"]);
  return [developmentSecret(secretFile)];
}

/** How a fault at the start names the database. */
export const databasePlace = ({ database }: Pick<Config, "database">) =>
  database.driver === "sqlite" ? `DATABASE_URL: ${database.file}` : "DATABASE_URL: PostgreSQL";

const publicUrlOf = ({ PUBLIC_URL, HOST, PORT }: Pick<Settings, "PUBLIC_URL" | "HOST" | "PORT">) =>
  PUBLIC_URL ?? httpAddress(HOST, PORT);

const databaseOf = ({ DATABASE_URL: address, ...given }: DatabaseSettings): DatabaseConfig =>
  address.driver === "sqlite"
    ? address
    : { ...address, poolSize: given.DATABASE_POOL, waitSeconds: given.DATABASE_WAIT };

type DatabaseSettings = Pick<Settings, "DATABASE_URL" | "DATABASE_POOL" | "DATABASE_WAIT">;

function toConfig(given: Settings, warnings: Text[], secretFile: string) {
  const production = given.NODE_ENV === "production";
  return {
    /** What is worth a line of the log at the start. */
    warnings,
    production,
    host: given.HOST,
    port: given.PORT,
    publicUrl: publicUrlOf(given),
    database: databaseOf(given),
    storage: given.STORAGE_URL,
    /** The first signs, all verify. */
    jwtSecrets: given.JWT_SECRET ?? [developmentSecret(secretFile)],
    /** What signs access tokens in place of the secrets, or is to. */
    jwtKeys: given.JWT_KEYS,
    /** What other services send to ask about a token; if there is none, nobody may ask. */
    introspectionSecret: given.INTROSPECTION_SECRET,
    accessTokenSeconds: given.ACCESS_TOKEN_TTL,
    sessionLife: { idleSeconds: given.REFRESH_TOKEN_TTL, absoluteSeconds: given.SESSION_TTL },
    /** Whether deleting and exporting an account demand a fresh login code. */
    reauthenticate: given.REAUTHENTICATE === "on",
    wechat: {
      /** The first is the default for sign-ins that name none. */
      apps: given.WECHAT_APPS ?? simulatedApps,
      apiUrl: given.WECHAT_API_URL ?? "https://api.weixin.qq.com",
      simulator: simulatorIsOn(given),
      pushToken: given.WECHAT_PUSH_TOKEN,
      /** The last and the present EncodingAESKey; if there is none, messages are plain. */
      pushAesKeys: given.WECHAT_PUSH_AES_KEY ?? [],
    },
    contentCheck: contentCheckOf(given),
    webhook: webhookOf(given),
    explorer: production ? ("off" as const) : given.EXPLORER,
    corsOrigins: given.CORS_ORIGINS ?? (production ? [] : ["https://studio.apollographql.com"]),
    trustProxy: given.TRUST_PROXY,
    rateLimits: rateLimitsOf(given),
    /** How long lines of the audit log are kept. */
    auditRetentionSeconds: given.AUDIT_RETENTION,
    /** Whether operators find a page at `/operator`. */
    operatorPage: given.OPERATOR_PAGE === "on",
    metrics: given.METRICS === "on",
    /** Whether the log line of a request has the client's address. */
    logClientAddress: given.LOG_CLIENT_ADDRESS === "on",
    logLevel: given.LOG_LEVEL,
  };
}

/** What WeChat checks before it is shown. Its verdicts on avatars come as messages. */
function contentCheckOf({ WECHAT_CONTENT_CHECK, WECHAT_PUSH_TOKEN }: Settings) {
  const texts = WECHAT_CONTENT_CHECK === "on";
  return { texts, avatars: texts && WECHAT_PUSH_TOKEN !== undefined };
}

/** Where events go, and the keys that sign them; undefined if they go nowhere. */
function webhookOf({ WEBHOOK_URL: url, WEBHOOK_SECRET: keys }: Settings) {
  return url && keys ? { url, keys } : undefined;
}

/** Undefined when they are switched off. */
function rateLimitsOf(given: Settings) {
  if (given.RATE_LIMIT === "off") return undefined;
  return {
    login: given.RATE_LIMIT_LOGIN,
    refresh: given.RATE_LIMIT_REFRESH,
    bindPhone: given.RATE_LIMIT_BIND_PHONE,
    upload: given.RATE_LIMIT_UPLOAD,
    updateProfile: given.RATE_LIMIT_UPDATE_PROFILE,
    account: given.RATE_LIMIT_ACCOUNT,
  };
}
