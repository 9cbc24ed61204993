import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { WechatApp } from "../app.js";
import { isName, openidOf } from "./people.js";
import { type PushSecrets, writePush } from "./push-forms.js";

/** Sends messages as WeChat does. */
export interface Pushes {
  /** Notes an image to check, and names the check. */
  expectVerdict(openid: string): string;
  /** Sends the message that a query asks for, and returns what came back; undefined if there is nothing to send. */
  send(query: URLSearchParams): Promise<{ status: number; answer: string } | undefined>;
}

/** Where messages go to, and what signs and encrypts them. */
export interface PushTarget extends PushSecrets {
  url: string;
}

const querySchema = z.object({
  person: z.string().refine(isName),
  appid: z.string(),
  event: z.string().default(""),
  RevokeInfo: z.string().optional(),
  suggest: z.string().default("pass"),
  /** Of a verdict. */
  version: z.enum(["1", "2"]).default("2"),
  mode: z.enum(["plain", "compatible", "safe"]),
  format: z.enum(["json", "xml"]).default("json"),
});

type PushQuery = z.infer<typeof querySchema>;

/** Makes the sender of messages. The target is known once the server listens. */
export function createPushes(
  apps: readonly WechatApp[],
  now: () => Date,
  target: () => PushTarget | undefined,
): Pushes {
  /** The latest check of each openid. */
  const checks = new Map<string, string>();

  /** The message that a query asks for, spelled as WeChat's documentation spells it: with spaces in front of some keys. */
  function messageFor(query: PushQuery) {
    const { appid, event: Event, RevokeInfo } = query;
    const openid = openidOf(appid, query.person);
    const event = {
      ToUserName: "gh_000000000001",
      FromUserName: openidOf(appid, "platform"),
      CreateTime: Math.floor(now().getTime() / 1_000),
      MsgType: "event",
      Event,
    };
    if (Event !== "wxa_media_check") return { ...event, " OpenID": openid, " AppID": appid, " RevokeInfo": RevokeInfo };
    const trace_id = checks.get(openid);
    return trace_id === undefined ? undefined : { ...event, appid, trace_id, ...verdictFor(query) };
  }

  return {
    expectVerdict(openid) {
      const traceId = `${randomBytes(4).toString("hex")}-${randomBytes(4).toString("hex")}`;
      checks.set(openid, traceId);
      return traceId;
    },

    async send(given) {
      const to = target();
      const defaults = { appid: apps[0]?.appId, mode: to?.aesKey ? "safe" : "plain" };
      const { data: query } = querySchema.safeParse({ ...defaults, ...Object.fromEntries(given) });
      if (!to || !query || !apps.some(({ appId }) => appId === query.appid)) return undefined;
      const message = messageFor(query);
      if (!message || (query.mode !== "plain" && !to.aesKey)) return undefined;
      const form = { mode: query.mode, format: query.format, appId: query.appid, now: now() };
      const { query: signed, contentType, body } = writePush(message, to, form);
      const headers = { "content-type": contentType };
      const response = await fetch(`${to.url}?${new URLSearchParams(signed)}`, { method: "POST", headers, body });
      return { status: response.status, answer: await response.text() };
    },
  };
}

/** The fields of a verdict, in either of the versions that WeChat sends. */
function verdictFor({ suggest, version }: PushQuery) {
  const isRisky = suggest === "risky";
  if (version === "1") return { isrisky: isRisky ? 1 : 0, extra_info_json: "", status_code: 0 };
  const result = { suggest, label: suggest === "pass" ? 100 : 20002 };
  return { version: 2, detail: [], errcode: 0, errmsg: "ok", result };
}
