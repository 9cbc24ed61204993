import type { SqlEntityManager } from "@mikro-orm/sql";
import type { Logger } from "pino";
import type { Verdict } from "../wechat/verdict.js";
import type { Wechat } from "../wechat/wechat.js";
import { findWechatPerson, type WechatPerson } from "./find-wechat-person.js";
import type { Viewer } from "./viewer.js";

interface Dependencies {
  em: SqlEntityManager;
  wechat: Wechat;
  viewer: () => Promise<Viewer>;
  log: Logger;
}

/**
 * Makes the function that asks WeChat about texts which the caller wrote. Who that is for WeChat is looked up once.
 * The function throws `UNAUTHENTICATED` if the caller or the app is gone, and the `WX_…` codes.
 */
export function createTextJudge(dependencies: Dependencies): (text: string) => Promise<Verdict> {
  const { em, wechat, viewer } = dependencies;
  let author: Promise<WechatPerson> | undefined;

  return async (text) => {
    author ??= viewer().then((caller) => findWechatPerson({ em, wechat }, caller));
    const { app, openid } = await author;
    return wechat.checkText(dependencies, app, openid, text);
  };
}
