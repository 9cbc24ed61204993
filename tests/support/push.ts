import { createHash } from "node:crypto";
import { openidOf } from "../../src/wechat/simulator/people.js";
import { firstApp } from "./client.js";
import { keepSecret } from "./log-search.js";
import type { TestApp } from "./test-app.js";

/** The token of WeChat's documented example. */
export const pushToken = "AAAAA";

export interface PushOptions {
  /** Seconds since 1970; the app's time unless given. */
  timestamp?: string;
  nonce?: string;
  /** Instead of the right one. */
  signature?: string;
  /** The app that the address names. */
  appid?: string;
  contentType?: string;
}

export interface PushAnswer {
  status: number;
  type: string | null;
  text: string;
}

/** Sends a message as WeChat does; text goes as it is. */
export async function push(app: TestApp, message: object | string, options: PushOptions = {}): Promise<PushAnswer> {
  const { timestamp = String(Math.floor(app.now().getTime() / 1_000)), nonce = "1514711492", appid } = options;
  const signature =
    options.signature ?? createHash("sha1").update([pushToken, timestamp, nonce].sort().join("")).digest("hex");
  const query = new URLSearchParams({ signature, timestamp, nonce, ...(appid && { appid }) });
  const response = await fetch(`${app.url}/wechat/push?${query}`, {
    method: "POST",
    headers: { "content-type": options.contentType ?? "application/json" },
    body: typeof message === "string" ? message : JSON.stringify(message),
  });
  return { status: response.status, type: response.headers.get("content-type"), text: await response.text() };
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
