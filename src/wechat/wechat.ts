import type { Logger } from "pino";
import type { WechatApp } from "../config.js";
import { createCall } from "./call.js";
import { exchangeCode, type WechatIdentity } from "./exchange-code.js";

/** WeChat, as far as wxpass needs it. */
export interface Wechat {
  app(appId: string): WechatApp | undefined;
  /** The app with this id if it is one of ours, else the first configured. */
  appOrDefault(appId: string | undefined): WechatApp;
  /** Who a login code stands for. Calls with the same code in flight share one request, since a code works once. */
  exchangeCode(app: WechatApp, code: string): Promise<WechatIdentity>;
}

interface WechatOptions {
  apps: readonly [WechatApp, ...WechatApp[]];
  apiUrl: string;
  fetch: typeof globalThis.fetch;
  now: () => Date;
  log: Logger;
}

/** Makes the client of WeChat's server API. */
export function createWechat({ apps, ...options }: WechatOptions): Wechat {
  const call = createCall(options);
  const byId = new Map(apps.map((app) => [app.appId, app]));
  const inFlight = new Map<string, Promise<WechatIdentity>>();

  return {
    app: (appId) => byId.get(appId),
    appOrDefault: (appId) => byId.get(appId ?? "") ?? apps[0],
    exchangeCode(app, code) {
      const key = `${app.appId} ${code}`;
      const running = inFlight.get(key);
      if (running) return running;
      const exchange = exchangeCode(call, app, code).finally(() => inFlight.delete(key));
      inFlight.set(key, exchange);
      return exchange;
    },
  };
}
