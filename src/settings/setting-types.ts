import { z } from "zod";
import { faultsOfParameters, isPostgresqlUrl } from "../database/postgresql-url.js";
import type { RateLimit } from "../limits/counter.js";
import type { RateLimitPair } from "../limits/rate-limits.js";
import { parseStorageUrl, type StorageConfig } from "../storage/storage-url.js";
import type { WechatApp } from "../wechat/app.js";
import { isStrong } from "./strength.js";

/** Seconds in each unit of a duration. */
export const secondsPer = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** A duration such as `2h`, in seconds. */
export const duration = z
  .string()
  .regex(/^[1-9]\d{0,5}[smhd]$/, "must be a number with s, m, h or d, such as 2h")
  .transform((text) => {
    const unit = z.enum(["s", "m", "h", "d"]).parse(text.slice(-1));
    return Number(text.slice(0, -1)) * secondsPer[unit];
  });

/** An address without a slash at its end. */
export const httpUrl = z
  .url({ protocol: /^https?$/, error: "must be an http:// or https:// address" })
  .transform((text) => text.replace(/\/+$/, ""));

/** Where the database is, by the scheme of its address. */
export type DatabaseAddress = { driver: "sqlite"; file: string } | { driver: "postgresql"; url: string };

/** `sqlite:PATH` or `postgresql://…`. */
export const databaseUrl = z.string().transform((text, context): DatabaseAddress => {
  if (text.startsWith("sqlite:") && text.length > "sqlite:".length) {
    return { driver: "sqlite", file: text.slice("sqlite:".length) };
  }
  if (isPostgresqlUrl(text)) {
    const faults = faultsOfParameters(text);
    for (const message of faults) context.addIssue({ code: "custom", message });
    return faults.length > 0 ? z.NEVER : { driver: "postgresql", url: text };
  }
  context.addIssue({ code: "custom", message: "must be sqlite:PATH or postgresql://USER:PASSWORD@HOST:PORT/NAME" });
  return z.NEVER;
});

/** `file:PATH` or `s3://…`. */
export const storageUrl = z.string().transform((text, context): StorageConfig => {
  const storage = parseStorageUrl(text);
  if (storage) return storage;
  const message = "must be file:PATH or s3://KEY:SECRET@HOST/BUCKET?region=…, with KEY and SECRET percent-encoded";
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

const list = z.string().transform((text) => text.split(",").map((item) => item.trim()));

/** Strong secrets, separated by commas. */
export const jwtSecrets = list
  .refine((secrets) => secrets.every(isStrong), "must be random, 32 bytes or more each (try: openssl rand -base64 48)")
  .transform(nonEmpty);

/** `appid:secret`, several separated by commas. */
export const apps = list
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

/** One EncodingAESKey of WeChat's message push, or two, the last and the present one, separated by a comma. */
export const pushAesKeys = list.refine(
  (keys) => keys.length <= 2 && keys.every((key) => /^[A-Za-z0-9]{43}$/.test(key)),
  "must be the EncodingAESKey of 43 letters and digits, set at WeChat's beside WECHAT_PUSH_TOKEN, or two with a comma",
);

/** Where events go. A name and a password in it would be refused by `fetch`. */
export const webhookUrl = z.url({ protocol: /^https?$/, error: "must be an https:// address" }).refine((text) => {
  const url = URL.parse(text);
  return !url?.username && !url?.password;
}, "must have no name and no password in it");

/**
 * One secret that signs events, or two while one changes over, as their keys.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export const webhookSecrets = list
  .refine(
    (secrets) => secrets.length <= 2 && secrets.every(isWebhookSecret),
    "must be whsec_ and 24 to 64 random bytes in base64 (try: wxpass admin make-secret --webhook), or two with a comma",
  )
  .transform((secrets) => nonEmpty(secrets.map(keyOfSecret)));

const keyOfSecret = (secret: string) => Buffer.from(secret.slice("whsec_".length), "base64");

function isWebhookSecret(secret: string): boolean {
  const key = keyOfSecret(secret);
  const isSpelledOut = secret === `whsec_${key.toString("base64")}`;
  return isSpelledOut && key.length >= 24 && key.length <= 64 && new Set(key).size >= 8;
}

/** Web origins, separated by commas. */
export const origins = list.refine(
  (items) => items.every((item) => URL.canParse(item) && new URL(item).origin === item),
  "must be origins such as https://admin.example.com, separated by commas",
);

/** The longest window of a rate limit; counting in memory can't keep more than 24 days. */
const maxWindow = secondsPer.d;

const times = z
  .string()
  .regex(/^[1-9]\d{0,5}$/)
  .transform(Number);

const rateLimit = z
  .string()
  .transform((text) => text.split("/"))
  .pipe(z.tuple([times, duration.refine((seconds) => seconds <= maxWindow)]))
  .transform(([times, seconds]): RateLimit => ({ times, seconds }));

const rateLimitPair = list.pipe(z.tuple([rateLimit, rateLimit]));

/** Two rate limits: of a user, and of an address. */
export const rateLimits = z.string().transform((text, context): RateLimitPair => {
  const { data } = rateLimitPair.safeParse(text);
  if (data) return { user: data[0], address: data[1] };
  const message = "must be two limits, of a user and of an address, over a day at most, such as 10/1m,200/1m";
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

/** A setting of rate limits with its default. */
export const limitOf = (text: string) => rateLimits.default(rateLimits.parse(text));

/** Networks by the names that the web framework knows. */
const namedNetworks = z.enum(["loopback", "linklocal", "uniquelocal"]);

const proxy = z
  .union([namedNetworks, z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])
  .refine((text) => !text.endsWith("/0"));

const proxyList = list.pipe(z.array(proxy));

/** Whose `X-Forwarded-For` counts: nobody's, that of proxies with these addresses, or that of so many proxies in a row. */
export const trustProxy = z.string().transform((text, context): false | string[] | number => {
  if (text === "off") return false;
  if (/^[1-9]$/.test(text)) return Number(text);
  const proxies = proxyList.safeParse(text);
  if (proxies.success) return proxies.data;
  const message = "must be off, a number of proxies, or their addresses and networks such as loopback,10.0.0.0/8";
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

function nonEmpty<T>([first, ...rest]: T[]): [T, ...T[]] {
  if (first === undefined) throw new TypeError("a list that was checked is empty");
  return [first, ...rest];
}
