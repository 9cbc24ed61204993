import { createCipheriv, createHash, randomBytes } from "node:crypto";
import { openidOf } from "../../src/wechat/simulator/people.js";
import { firstApp } from "./client.js";
import { keepSecret } from "./log-search.js";
import type { TestApp } from "./test-app.js";

/** The token of WeChat's documented example. */
export const pushToken = "AAAAA";

/** Two EncodingAESKeys, the last and the present one. */
export const lastAesKey = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
export const aesKey = "GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba";

export interface PushOptions {
  /** Seconds since 1970; the app's time unless given. */
  timestamp?: string;
  /** A new one unless given: an address is good for one body. */
  nonce?: string;
  /** Instead of the right one. */
  signature?: string;
  /** The app that the address names. */
  appid?: string;
  /** More of the address. */
  query?: Record<string, string>;
  contentType?: string;
}

export interface PushAnswer {
  status: number;
  type: string | null;
  text: string;
}

let nonces = 100_000_000;

/** One that nobody takes for a time. */
export const newNonce = () => String(++nonces);

/** WeChat's signature of these parts. */
export const sign = (...parts: string[]) => createHash("sha1").update(parts.sort().join("")).digest("hex");

/** The app's time in seconds. */
export const secondsOf = (app: TestApp) => Math.floor(app.now().getTime() / 1_000);

/** Sends a message as WeChat does; text goes as it is. */
export async function push(app: TestApp, message: object | string, options: PushOptions = {}): Promise<PushAnswer> {
  const { timestamp = String(secondsOf(app)), nonce = newNonce(), appid } = options;
  const signature = options.signature ?? sign(pushToken, timestamp, nonce);
  const query = new URLSearchParams({ signature, timestamp, nonce, ...(appid && { appid }), ...options.query });
  const response = await fetch(`${app.url}/wechat/push?${query}`, {
    method: "POST",
    headers: { "content-type": options.contentType ?? "application/json" },
    body: typeof message === "string" ? message : JSON.stringify(message),
  });
  return { status: response.status, type: response.headers.get("content-type"), text: await response.text() };
}

/** What is encrypted, and how, where it isn't as WeChat does it. */
export interface Sealing {
  key?: string;
  /** The app that it is for. */
  appId?: string;
  /** The length of the message that is written into it. */
  length?: number;
  /** The padding for so many bytes that are missing to the next 32. */
  pad?: (missing: number) => Uint8Array;
}

/** Encrypts a text as WeChat does. */
export function seal(text: string, { key = aesKey, appId = firstApp, length, pad = pkcs7 }: Sealing = {}): string {
  const secret = Buffer.from(`${key}=`, "base64");
  const head = Buffer.alloc(4);
  head.writeUInt32BE(length ?? Buffer.byteLength(text));
  const content = Buffer.concat([randomBytes(16), head, Buffer.from(text), Buffer.from(appId)]);
  const padded = Buffer.concat([content, pad(32 - (content.length % 32))]);
  const cipher = createCipheriv("aes-256-cbc", secret, secret.subarray(0, 16)).setAutoPadding(false);
  return Buffer.concat([cipher.update(padded), cipher.final()]).toString("base64");
}

const pkcs7 = (missing: number) => Buffer.alloc(missing, missing);

/** Sends what is encrypted, in a body that has it, with a signature of both; its address is signed, too. */
export function pushSealed(
  app: TestApp,
  encrypted: string,
  { fields = {}, ...options }: PushOptions & { fields?: object } = {},
): Promise<PushAnswer> {
  const { timestamp = String(secondsOf(app)), nonce = newNonce() } = options;
  const query = { encrypt_type: "aes", msg_signature: sign(pushToken, timestamp, nonce, encrypted), ...options.query };
  const body = { ToUserName: "gh_870882ca4b1", ...fields, Encrypt: encrypted };
  return push(app, body, { ...options, timestamp, nonce, query });
}

let messages = 0;

/** A message about a person, spelled as WeChat's documentation spells it; no two are the same. */
export function messageAbout(person: string, event: string, fields: object = {}): object {
  const openid = openidOf(firstApp, person);
  keepSecret(openid);
  return {
    ToUserName: "gh_870882ca4b1",
    FromUserName: "oaKk346BaWE-eIn4oSRWbaM9vR7s",
    CreateTime: 1_627_359_464 + ++messages,
    MsgType: "event",
    Event: event,
    " OpenID": openid,
    " AppID": firstApp,
    ...fields,
  };
}
