import type { Logger } from "pino";
import { createSingleFlight } from "../within.js";
import type { WechatApp } from "./app.js";
import { createCall, type ObserveCall } from "./call.js";
import { checkImage } from "./check-image.js";
import { checkText } from "./check-text.js";
import { exchangeCode, type WechatIdentity } from "./exchange-code.js";
import { exchangePhoneCode } from "./exchange-phone-code.js";
import { createCallWithToken } from "./server-token.js";
import type { Verdict } from "./verdict.js";

/** WeChat, as far as wxpass needs it. */
export interface Wechat {
  app(appId: string): WechatApp | undefined;
  /** The app with this id if it is one of ours, else the first configured. */
  appOrDefault(appId: string | undefined): WechatApp;
  /**
   * Who a login code stands for. A code works once, so calls of one client with the same code in flight share one request;
   * that of another client is its own, and gets WeChat's own answer.
   */
  exchangeCode(from: Caller, app: WechatApp, code: string): Promise<WechatIdentity>;
  /** The phone number, in E.164, that a code of the getPhoneNumber button stands for. Requests are shared as above. */
  exchangePhoneCode(from: Caller, app: WechatApp, code: string, openid: string): Promise<string>;
  /** What WeChat's content check says of a text that this person wrote. */
  checkText(from: Pick<Caller, "log">, app: WechatApp, openid: string, text: string): Promise<Verdict>;
  /** Has WeChat fetch and check an image of this person's, and returns the name under which the verdict will come. */
  checkImage(from: Pick<Caller, "log">, app: WechatApp, openid: string, url: string): Promise<string>;
}

/** The request for which WeChat is called. */
export interface Caller {
  /** Gives every line the request's id. */
  log: Logger;
  clientAddress: string;
}

interface WechatOptions {
  apps: readonly [WechatApp, ...WechatApp[]];
  apiUrl: string;
  fetch: typeof globalThis.fetch;
  now: () => Date;
  observe: ObserveCall;
}

/** Makes the client of WeChat's server API. */
export function createWechat({ apps, ...options }: WechatOptions): Wechat {
  const call = createCall(options);
  const callWithToken = createCallWithToken(call, options.now);
  const byId = new Map(apps.map((app) => [app.appId, app]));

  return {
    app: (appId) => byId.get(appId),
    appOrDefault: (appId) => byId.get(appId ?? "") ?? apps[0],
    exchangeCode: shared(({ log }, app, code) => exchangeCode(call, log, app, code)),
    exchangePhoneCode: shared(({ log }, app, code, openid) => exchangePhoneCode(callWithToken, log, app, code, openid)),
    checkImage: ({ log }, app, openid, url) => checkImage(callWithToken, log, app, openid, url),
    checkText: ({ log }, app, openid, text) => checkText(callWithToken, log, app, openid, text),
  };
}

/** Lets calls of one client with the same arguments share one result while it is on its way; the first one's logger tells of it. */
function shared<Rest extends string[], Result>(
  run: (from: Caller, app: WechatApp, ...rest: Rest) => Promise<Result>,
): (from: Caller, app: WechatApp, ...rest: Rest) => Promise<Result> {
  const flight = createSingleFlight<Result>();
  return (from, app, ...rest) =>
    flight(JSON.stringify([from.clientAddress, app.appId, ...rest]), () => run(from, app, ...rest));
}
