import { createHash, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { type Verdict, verdictShape } from "./verdict.js";

/** What WeChat puts into the address of a message to prove that it knows the token. */
export interface PushSignature {
  signature: string;
  /** Seconds since 1970. */
  timestamp: string;
  nonce: string;
}

/**
 * Whether the address was signed with the token.
 * @see https://developers.weixin.qq.com/miniprogram/dev/framework/server-ability/message-push.html
 */
export function isSigned(token: string, { signature, timestamp, nonce }: PushSignature): boolean {
  const expected = createHash("sha1").update([token, timestamp, nonce].sort().join("")).digest();
  const given = Buffer.from(signature, "hex");
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** Somebody, as a message names them. */
export interface PushedPerson {
  openid: string;
  /** The app that the openid belongs to. */
  appId: string | undefined;
}

/** A message that asks something of us. */
export type PushedEvent =
  | ({ name: "user_authorization_revoke"; items: string[] } & PushedPerson)
  | ({ name: "user_info_modified" } & PushedPerson)
  | ({ name: "user_authorization_cancellation" } & PushedPerson)
  | { name: "wxa_media_check"; traceId: string; verdict: Verdict | undefined };

/** What a body turns out to be: an event for us, one that isn't, or one that can't be read, and why. */
export type ParsedPush = PushedEvent | { name: "other"; type: string } | { name: "unreadable"; why: PushFault };

export type PushFault = "malformed" | "xml" | "encrypted";

const text = z.string().trim();

const person = z
  .object({ openid: text.regex(/^[\w-]{6,64}$/), appid: text.min(1).optional().catch(undefined) })
  .transform(({ openid, appid }): PushedPerson => ({ openid, appId: appid }));

/** Documented as one number in text; of several, all are meant. */
const items = z.object({
  revokeinfo: z
    .unknown()
    .optional()
    .transform((value) => String(value ?? "").match(/\d+/g) ?? []),
});

/** There is no verdict if WeChat could not fetch the image. */
const imageCheck = z.object({ trace_id: text.min(1), result: verdictShape.optional().catch(undefined) });

const envelope = z.object({
  event: text.toLowerCase().optional(),
  msgtype: text.optional(),
  encrypt: z.string().optional(),
});

/** Reads the body of a message in WeChat's JSON format. */
export function parsePush(body: string): ParsedPush {
  const parsed = envelope.loose().safeParse(parseJson(body));
  if (!parsed.success) return { name: "unreadable", why: body.trimStart().startsWith("<") ? "xml" : "malformed" };
  const { event, msgtype, encrypt } = parsed.data;
  if (event === undefined && msgtype === undefined) {
    return { name: "unreadable", why: encrypt === undefined ? "malformed" : "encrypted" };
  }
  return readEvent(event, parsed.data) ?? { name: "other", type: (event ?? `message ${msgtype}`).slice(0, 64) };
}

/** The event, if it is one of ours and says what it must. */
function readEvent(event: string | undefined, fields: object): PushedEvent | undefined {
  switch (event) {
    case "user_authorization_revoke": {
      const { data } = person.safeParse(fields);
      return data && { name: event, ...data, items: items.parse(fields).revokeinfo };
    }
    case "user_info_modified":
    case "user_authorization_cancellation": {
      const { data } = person.safeParse(fields);
      return data && { name: event, ...data };
    }
    case "wxa_media_check": {
      const { data } = imageCheck.safeParse(fields);
      return data && { name: event, traceId: data.trace_id, verdict: data.result };
    }
    default:
      return undefined;
  }
}

/** The keys are spelled as `OpenID`, ` OpenID` and `appid` in WeChat's own examples. */
function parseJson(body: string): unknown {
  try {
    return withPlainKeys(JSON.parse(body.replace(/\p{Cc}/gu, " ")));
  } catch {
    return undefined;
  }
}

function withPlainKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withPlainKeys);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key.trim().toLowerCase(), withPlainKeys(inner)]),
  );
}
