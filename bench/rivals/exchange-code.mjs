import { ofetch } from "ofetch";
import { settings } from "./settings.mjs";

/** Asks WeChat whose code this is, and returns the openid. */
export async function exchangeCode(code) {
  const { openid } = await ofetch("/sns/jscode2session", {
    baseURL: settings.wechatUrl,
    query: { appid: "wxbench", secret: "secret", js_code: code, grant_type: "authorization_code" },
    parseResponse: JSON.parse,
  });
  return openid;
}
