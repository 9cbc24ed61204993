import type { SqlEntityManager } from "@mikro-orm/sql";
import type { WechatApp } from "../config.js";
import { AppError } from "../errors.js";
import type { Verdict } from "../wechat/verdict.js";
import type { Wechat } from "../wechat/wechat.js";
import { findOpenid } from "./find-openid.js";
import type { Viewer } from "./viewer.js";

interface Dependencies {
  em: SqlEntityManager;
  wechat: Wechat;
  viewer: () => Promise<Viewer>;
}

/**
 * Makes the function that asks WeChat about texts which the caller wrote. Who that is for WeChat is looked up once.
 * The function throws `UNAUTHENTICATED` if the caller or the app is gone, and the `WX_…` codes.
 */
export function createTextJudge({ em, wechat, viewer }: Dependencies): (text: string) => Promise<Verdict> {
  let author: Promise<{ app: WechatApp; openid: string }> | undefined;

  async function findAuthor() {
    const caller = await viewer();
    const app = wechat.app(caller.session.appId);
    if (!app) throw new AppError("UNAUTHENTICATED");
    return { app, openid: await findOpenid(em, caller) };
  }

  return async (text) => {
    author ??= findAuthor();
    const { app, openid } = await author;
    return wechat.checkText(app, openid, text);
  };
}
