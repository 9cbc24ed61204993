import type { Text } from "../errors.js";
import { addressErrcodes, explainErrcode, staleTokenErrcodes } from "./errcodes.js";

const advice = {
  address: {
    zh: "把本服务器的出口 IP（日志和 wxpass admin doctor 会写明）加入微信公众平台「开发管理 › 开发设置」里的 IP 白名单",
    en: "add this server's outgoing address, which the log and wxpass admin doctor name, to the IP list in the app's development settings",
  },
  consent: {
    zh: "请管理员在微信里同意本服务器的 IP；被拒绝的要等限制时间过去",
    en: "have the administrator consent to this server's address in WeChat; after a refusal wait until it is over",
  },
  appId: { zh: "核对 WECHAT_APPS 里的 AppID", en: "compare the AppID in WECHAT_APPS with the app's settings" },
  secret: {
    zh: "在微信公众平台查看或重置 AppSecret，写入 WECHAT_APPS 后重启",
    en: "look up or reset the AppSecret in the app's settings, put it into WECHAT_APPS and restart",
  },
  token: {
    zh: "通常会自行恢复；若一直出现，看 AppSecret 是否被重置过",
    en: "this heals by itself; if it stays, see whether the AppSecret was reset",
  },
  client: {
    zh: "服务器无须处理：小程序应在 wx.login 之后立即发送 code，每个只用一次",
    en: "nothing on the server: the mini-program has to send each code at once, and only once",
  },
  person: { zh: "服务器无须处理：原因在用户一方", en: "nothing on the server: the reason lies with the person" },
  wait: { zh: "稍后会自行恢复", en: "wait: it passes" },
  quota: {
    zh: "等到次日零点，或在微信公众平台清零、申请更多额度",
    en: "wait for midnight in China, or reset or raise the quota in the app's settings",
  },
  account: {
    zh: "在微信公众平台查看站内通知和接口权限",
    en: "look for notices, and for the interface's permission, in the app's settings",
  },
  platform: { zh: "与代管该应用的第三方平台联系", en: "ask the platform that manages the app" },
  bug: { zh: "这是 wxpass 的缺陷，请报告", en: "this is a fault of wxpass: please report it" },
} as const satisfies Record<string, Text>;

const special: Record<number, keyof typeof advice> = {
  40013: "appId",
  40125: "secret",
  40243: "secret",
  41002: "appId",
  41004: "secret",
  45009: "quota",
  48001: "account",
  48004: "account",
  50002: "account",
  50004: "account",
  50007: "account",
  61007: "platform",
  61024: "platform",
  89501: "consent",
  89503: "consent",
  89506: "consent",
  89507: "consent",
};

const byCode: Partial<Record<string, keyof typeof advice>> = {
  WX_CODE_INVALID: "client",
  WX_USER_BLOCKED: "person",
  WX_MISCONFIGURED: "bug",
};

/** What an operator does about an errcode of WeChat's. */
export function adviceOn(errcode: number): Text {
  if (staleTokenErrcodes.has(errcode)) return advice.token;
  const kind = special[errcode] ?? (addressErrcodes.has(errcode) ? "address" : undefined);
  return advice[kind ?? byCode[explainErrcode(errcode).code] ?? "wait"];
}
