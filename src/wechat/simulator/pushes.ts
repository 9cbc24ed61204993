import { createHash, randomBytes } from "node:crypto";
import type { WechatApp } from "../app.js";
import { isName, openidOf } from "./people.js";

/** Sends messages as WeChat does. */
export interface Pushes {
  /** Notes an image to check, and names the check. */
  expectVerdict(openid: string): string;
  /** Sends the message that a query asks for, and returns what came back; undefined if there is nothing to send. */
  send(query: URLSearchParams): Promise<{ status: number; answer: string } | undefined>;
}

/** Where messages go to, and the token that signs them. */
export interface PushTarget {
  url: string;
  token: string;
}

/** Makes the sender of messages. The target is known once the server listens. */
export function createPushes(
  apps: readonly WechatApp[],
  now: () => Date,
  target: () => PushTarget | undefined,
): Pushes {
  /** The latest check of each openid. */
  const checks = new Map<string, string>();

  /** The message that a query asks for, spelled as WeChat's documentation spells it: with spaces in front of some keys. */
  function messageFor(query: URLSearchParams): object | undefined {
    const appid = query.get("appid") ?? apps[0]?.appId ?? "";
    const person = query.get("person") ?? "";
    if (!isName(person) || !apps.some(({ appId }) => appId === appid)) return undefined;
    const openid = openidOf(appid, person);
    const event = {
      ToUserName: "gh_000000000001",
      FromUserName: openidOf(appid, "platform"),
      CreateTime: Math.floor(now().getTime() / 1_000),
      MsgType: "event",
      Event: query.get("event") ?? "",
    };
    if (event.Event !== "wxa_media_check") {
      return { ...event, " OpenID": openid, " AppID": appid, " RevokeInfo": query.get("RevokeInfo") ?? undefined };
    }
    const trace_id = checks.get(openid);
    const suggest = query.get("suggest") ?? "pass";
    const result = { suggest, label: suggest === "pass" ? 100 : 20002 };
    return trace_id === undefined
      ? undefined
      : { ...event, appid, trace_id, version: 2, detail: [], errcode: 0, errmsg: "ok", result };
  }

  return {
    expectVerdict(openid) {
      const traceId = `${randomBytes(4).toString("hex")}-${randomBytes(4).toString("hex")}`;
      checks.set(openid, traceId);
      return traceId;
    },

    async send(query) {
      const to = target();
      const message = messageFor(query);
      if (!to || !message) return undefined;
      const response = await fetch(`${to.url}?${signedQuery(to.token, now())}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(message),
      });
      return { status: response.status, answer: await response.text() };
    },
  };
}

function signedQuery(token: string, now: Date): URLSearchParams {
  const timestamp = String(Math.floor(now.getTime() / 1_000));
  const nonce = String(randomBytes(4).readUInt32BE());
  const signature = createHash("sha1").update([token, timestamp, nonce].sort().join("")).digest("hex");
  return new URLSearchParams({ signature, timestamp, nonce });
}
