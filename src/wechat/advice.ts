import type { Text } from "../errors.js";
import { addressErrcodes, explainErrcode, isKnownErrcode, staleTokenErrcodes } from "./errcodes.js";

/** Where WeChat keeps an app's secret and its IP list, as its pages call it in both languages. */
const page = "mp.weixin.qq.com → 开发管理 → 开发设置";

const advice = {
  address: {
    zh: `把它加入 IP 白名单：${page} → IP白名单；生效要几分钟`,
    en: `Put it on the IP list: ${page} → IP白名单; it takes minutes to hold`,
  },
  consent: {
    zh: "请小程序管理员在微信里同意这个地址的调用，或把它加入 IP 白名单",
    en: "Have the administrator of the mini-program agree in WeChat, or put the address on the IP list",
  },
  refusedForADay: {
    zh: "24 小时后再试，并请管理员同意，或把它加入 IP 白名单",
    en: "Wait for 24 hours, then have the administrator agree, or put the address on the IP list",
  },
  refusedForAnHour: {
    zh: "一小时后再试，并请管理员同意，或把它加入 IP 白名单",
    en: "Wait for an hour, then have the administrator agree, or put the address on the IP list",
  },
  appId: { zh: `核对 WECHAT_APPS 里的 AppID：${page}`, en: `Compare the AppID in WECHAT_APPS with ${page}` },
  secret: {
    zh: `核对 WECHAT_APPS；AppSecret 忘了只能在 ${page} → AppSecret 重置`,
    en: `Mend WECHAT_APPS; a forgotten AppSecret can only be made anew: ${page} → AppSecret`,
  },
  frozenSecret: { zh: `在 ${page} → AppSecret 解冻`, en: `Unfreeze it: ${page} → AppSecret` },
  token: {
    zh: "通常会自行恢复；若一直出现，看 AppSecret 是否被重置过",
    en: "It heals by itself; if it stays, see whether the AppSecret was reset",
  },
  client: {
    zh: "服务器无须处理：小程序应在 wx.login 之后立即发送 code，每个只用一次",
    en: "Nothing on the server: the mini-program has to send each code at once, and only once",
  },
  person: { zh: "服务器无须处理：原因在用户一方", en: "Nothing on the server: the reason lies with the person" },
  wait: { zh: "稍后会自行恢复", en: "Wait: it passes" },
  minute: { zh: "一分钟后再试", en: "Try again in a minute" },
  quota: {
    zh: "北京时间零点恢复；看看还有谁在用这个 AppID",
    en: "It ends at midnight in China; look who else uses this AppID",
  },
  account: {
    zh: "登录 mp.weixin.qq.com 查看通知、原因和接口权限",
    en: "mp.weixin.qq.com tells why: look at its notices and the interface's permission",
  },
  platform: {
    zh: "换成直接管理的小程序，或请第三方平台代为调用",
    en: "Take an app that you manage yourself, or have its platform make the call",
  },
  bug: { zh: "这是 wxpass 的缺陷，请报告", en: "This is a fault of wxpass: please report it" },
  lookUp: {
    zh: "错误码的含义见 developers.weixin.qq.com/miniprogram/dev/framework/server-ability/errcode.html",
    en: "Look the errcode up at developers.weixin.qq.com/miniprogram/dev/framework/server-ability/errcode.html",
  },
} as const satisfies Record<string, Text>;

type Kind = keyof typeof advice;

const special: Record<number, Kind> = {
  40013: "appId",
  40125: "secret",
  40243: "frozenSecret",
  41002: "appId",
  41004: "secret",
  45009: "quota",
  45011: "minute",
  48001: "account",
  48004: "account",
  50002: "account",
  50004: "account",
  50007: "account",
  61007: "platform",
  61024: "platform",
  89501: "consent",
  89503: "consent",
  89506: "refusedForADay",
  89507: "refusedForAnHour",
};

const byCode: Partial<Record<string, Kind>> = {
  WX_CODE_INVALID: "client",
  WX_USER_BLOCKED: "person",
  WX_MISCONFIGURED: "bug",
};

/** What an operator does about an errcode of WeChat's. */
export function adviceOn(errcode: number): Text {
  if (!isKnownErrcode(errcode)) return advice.lookUp;
  if (staleTokenErrcodes.has(errcode)) return advice.token;
  const kind = special[errcode] ?? (addressErrcodes.has(errcode) ? "address" : undefined);
  return advice[kind ?? byCode[explainErrcode(errcode).code] ?? "wait"];
}
