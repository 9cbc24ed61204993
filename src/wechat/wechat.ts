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
  /** Who a login code stands for. Calls with the same code in flight share one request, since a code works once. */
  exchangeCode(app: WechatApp, code: string): Promise<WechatIdentity>;
  /** The phone number, in E.164, that a code of the getPhoneNumber button stands for. */
  exchangePhoneCode(app: WechatApp, code: string, openid: string): Promise<string>;
  /** What WeChat's content check says of a text that this person wrote. */
  checkText(app: WechatApp, openid: string, text: string): Promise<Verdict>;
  /** Has WeChat fetch and check an image of this person's, and returns the name under which the verdict will come. */
  checkImage(app: WechatApp, openid: string, url: string): Promise<string>;
}

interface WechatOptions {
  apps: readonly [WechatApp, ...WechatApp[]];
  apiUrl: string;
  fetch: typeof globalThis.fetch;
  now: () => Date;
  log: Logger;
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
    exchangeCode: shared((app, code) => exchangeCode(call, app, code)),
    exchangePhoneCode: shared((app, code, openid) => exchangePhoneCode(callWithToken, app, code, openid)),
    checkImage: (app, openid, url) => checkImage(callWithToken, app, openid, url),
    checkText: (app, openid, text) => checkText(callWithToken, app, openid, text),
  };
}

/** Lets calls with the same arguments share one result while it is on its way. */
function shared<Rest extends string[], Result>(
  run: (app: WechatApp, ...rest: Rest) => Promise<Result>,
): (app: WechatApp, ...rest: Rest) => Promise<Result> {
  const flight = createSingleFlight<Result>();
  return (app, ...rest) => flight(JSON.stringify([app.appId, ...rest]), () => run(app, ...rest));
}
