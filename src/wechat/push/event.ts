import { z } from "zod";
import { type Verdict, verdictShape } from "../verdict.js";
import type { PushFields } from "./fields.js";

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

/** What a message turns out to be: an event for us, one that isn't, or one that can't be read, and why. */
export type ParsedPush = PushedEvent | { name: "other"; type: string } | { name: "unreadable"; why: PushFault };

export type PushFault = "malformed" | "encrypted";

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

/** Both versions of a check; WeChat sends whichever it likes. */
const imageCheck = z.object({
  trace_id: text.min(1),
  result: verdictShape.optional().catch(undefined),
  isrisky: z.coerce.number().optional().catch(undefined),
  status_code: z.coerce.number().default(0),
});

/** What either version says; a risk counts whoever says so. There is no verdict if WeChat could not fetch the image. */
function verdictOf({ result, isrisky, status_code }: z.infer<typeof imageCheck>): Verdict | undefined {
  if (isrisky === 1) return { suggest: "risky", label: result?.label };
  return result ?? (isrisky === 0 && status_code === 0 ? { suggest: "pass" } : undefined);
}

const envelope = z.looseObject({
  event: text.toLowerCase().optional(),
  msgtype: text.optional(),
  encrypt: z.string().optional(),
});

/** Reads what a message asks. */
export function readEvent(fields: PushFields | undefined): ParsedPush {
  const parsed = envelope.safeParse(fields);
  if (!parsed.success) return { name: "unreadable", why: "malformed" };
  const { event, msgtype, encrypt } = parsed.data;
  if (event === undefined && msgtype === undefined) {
    return { name: "unreadable", why: encrypt === undefined ? "malformed" : "encrypted" };
  }
  return eventOf(event, parsed.data) ?? { name: "other", type: (event ?? `message ${msgtype}`).slice(0, 64) };
}

/** The event, if it is one of ours and says what it must. */
function eventOf(event: string | undefined, fields: object): PushedEvent | undefined {
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
      return data && { name: event, traceId: data.trace_id, verdict: verdictOf(data) };
    }
    default:
      return undefined;
  }
}
