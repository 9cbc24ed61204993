import { randomBytes } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { parseStorageUrl, type StorageConfig } from "./avatar/storage-url.js";

/** A mini-program as WeChat knows it. */
export interface WechatApp {
  appId: string;
  secret: string;
}

/** Where the data is, and so which driver reads it. */
export type DatabaseConfig = { driver: "sqlite"; file: string } | { driver: "postgresql"; url: string };

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
  };
  explorer: "sandbox" | "graphiql" | "off";
  corsOrigins: string[];
  logLevel: (typeof logLevels)[number];
}

const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

/** The apps that the simulator knows when none are configured: two, bound to one Open Platform account. */
const simulatedApps: [WechatApp, ...WechatApp[]] = [
  { appId: "wx0000000000000001", secret: "00000000000000000000000000000001" },
  { appId: "wx0000000000000002", secret: "00000000000000000000000000000002" },
];

/** The settings are not usable. The message has one line a fault and never a value. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly faults: string[];

  constructor(faults: string[]) {
    super(["wxpass can't start with these settings:", ...faults.map((fault) => `  ${fault}`)].join("\n"));
    this.faults = faults;
  }
}

const secondsPer = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

const duration = z
  .string()
  .regex(/^[1-9]\d{0,5}[smhd]$/, "must be a number with s, m, h or d, such as 2h")
  .transform((text) => {
    const unit = z.enum(["s", "m", "h", "d"]).parse(text.slice(-1));
    return Number(text.slice(0, -1)) * secondsPer[unit];
  });

const httpUrl = z
  .url({ protocol: /^https?$/, error: "must be an http:// or https:// address" })
  .transform((text) => text.replace(/\/+$/, ""));

const databaseUrl = z.string().transform((text, context): DatabaseConfig => {
  if (text.startsWith("sqlite:") && text.length > "sqlite:".length) {
    return { driver: "sqlite", file: text.slice("sqlite:".length) };
  }
  if (/^postgres(ql)?:\/\//.test(text) && URL.canParse(text)) return { driver: "postgresql", url: text };
  context.addIssue({ code: "custom", message: "must be sqlite:PATH or postgresql://USER:PASSWORD@HOST:PORT/NAME" });
  return z.NEVER;
});

const storageUrl = z.string().transform((text, context): StorageConfig => {
  const storage = parseStorageUrl(text);
  if (storage) return storage;
  const message = "must be file:PATH or s3://KEY:SECRET@HOST/BUCKET?region=…, with KEY and SECRET percent-encoded";
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

const list = z.string().transform((text) => text.split(",").map((item) => item.trim()));

/** A secret of 32 bytes that are not a pattern: a random one has far more than eight different characters. */
const isStrong = (secret: string) => Buffer.byteLength(secret) >= 32 && new Set(secret).size >= 8;

const jwtSecrets = list
  .refine((secrets) => secrets.every(isStrong), "must be random, 32 bytes or more each (try: openssl rand -base64 48)")
  .transform(nonEmpty);

const apps = list
  .refine(
    (items) => items.every((item) => /^\w{1,64}:[^:\s]{1,128}$/.test(item)),
    "must be appid:secret, several separated by commas",
  )
  .transform((items) =>
    items.map((item): WechatApp => {
      const colon = item.indexOf(":");
      return { appId: item.slice(0, colon), secret: item.slice(colon + 1) };
    }),
  )
  .refine((all) => new Set(all.map((app) => app.appId)).size === all.length, "names an appid twice")
  .transform(nonEmpty);

const origins = list.refine(
  (items) => items.every((item) => URL.canParse(item) && new URL(item).origin === item),
  "must be origins such as https://admin.example.com, separated by commas",
);

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
  WECHAT_SIMULATOR: z.enum(["on", "off"], "must be on or off").optional(),
  EXPLORER: z.enum(["sandbox", "graphiql", "off"], "must be sandbox, graphiql or off").default("sandbox"),
  CORS_ORIGINS: origins.optional(),
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
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
  const parsed = settings.safeParse(given);
  const faults = parsed.success
    ? conflicts(parsed.data)
    : parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  if (!parsed.success || faults.length > 0) throw new ConfigError(faults);
  return toConfig(parsed.data, secretFile);
}

/** What is wrong between settings that are right one by one. */
function conflicts(given: Settings): string[] {
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

const simulatorIsOn = (given: Settings) =>
  given.WECHAT_SIMULATOR ? given.WECHAT_SIMULATOR === "on" : !given.WECHAT_APPS && given.NODE_ENV !== "production";

function toConfig(given: Settings, secretFile: string): Config {
  const production = given.NODE_ENV === "production";
  return {
    production,
    host: given.HOST,
    port: given.PORT,
    publicUrl: given.PUBLIC_URL ?? `http://${given.HOST.includes(":") ? `[${given.HOST}]` : given.HOST}:${given.PORT}`,
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
    },
    explorer: production ? "off" : given.EXPLORER,
    corsOrigins: given.CORS_ORIGINS ?? (production ? [] : ["https://studio.apollographql.com"]),
    logLevel: given.LOG_LEVEL,
  };
}

/** Reads the secret kept from an earlier start, or makes it. Of several processes starting at once, all get the same. */
function developmentSecret(file: string): string {
  if (!existsSync(file)) {
    const draft = `${file}.${process.pid}`;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(draft, randomBytes(48).toString("base64url"), { mode: 0o600 });
    try {
      linkSync(draft, file);
    } catch (error) {
      if (!existsSync(file)) throw error;
    } finally {
      rmSync(draft);
    }
  }
  return readFileSync(file, "utf8");
}

function nonEmpty<T>([first, ...rest]: T[]): [T, ...T[]] {
  if (first === undefined) throw new TypeError("a list that was checked is empty");
  return [first, ...rest];
}
