import { AppError, type ErrorCode, type Text } from "../errors.js";

/**
 * What WeChat's error codes mean, and which code a client gets.
 * @see https://developers.weixin.qq.com/miniprogram/dev/framework/server-ability/errcode.html
 */
const refusals: Record<number, readonly [code: ErrorCode, zh: string, en: string]> = {
  [-1]: ["WX_BUSY", "微信系统繁忙", "WeChat is busy"],
  40001: [
    "WX_BUSY",
    "服务端 access_token 或 AppSecret 不是最新的",
    "the server's access token, or the AppSecret, is not the latest",
  ],
  40003: ["WX_MISCONFIGURED", "请求里的 openid 无效", "we asked with an invalid openid"],
  40013: ["WX_MISCONFIGURED", "AppID 不正确", "the AppID is wrong"],
  40014: ["WX_BUSY", "服务端 access_token 无效", "the server's access token is invalid"],
  40029: [
    "WX_CODE_INVALID",
    "code 无效：已过期、属于其他应用或是伪造的",
    "the code is invalid: expired, of another app, or made up",
  ],
  40097: ["WX_MISCONFIGURED", "请求参数无效", "we asked with an invalid argument"],
  40125: ["WX_MISCONFIGURED", "AppSecret 不正确", "the AppSecret is wrong"],
  40129: ["WX_MISCONFIGURED", "请求里的场景值无效", "we asked with an invalid scene"],
  40163: ["WX_CODE_INVALID", "code 已被使用", "the code has been used"],
  40164: ["WX_MISCONFIGURED", "本服务器的 IP 不在白名单中", "our address is not on the IP list"],
  40226: ["WX_USER_BLOCKED", "高风险用户，微信拦截了登录", "the person is high-risk: WeChat blocks the sign-in"],
  40243: ["WX_MISCONFIGURED", "AppSecret 已被冻结", "the AppSecret is frozen"],
  41002: ["WX_MISCONFIGURED", "缺少 AppID", "the AppID is missing"],
  41004: ["WX_MISCONFIGURED", "缺少 AppSecret", "the AppSecret is missing"],
  41008: ["WX_CODE_INVALID", "缺少 code", "the code is missing"],
  42001: ["WX_BUSY", "服务端 access_token 已过期", "the server's access token has expired"],
  42003: ["WX_CODE_INVALID", "code 已超时", "the code has timed out"],
  43002: ["WX_MISCONFIGURED", "该接口要求 POST 请求", "we asked without POST, which this interface needs"],
  43302: ["WX_MISCONFIGURED", "该接口不支持这种请求方法", "we asked with a method that this interface doesn't have"],
  44002: ["WX_MISCONFIGURED", "请求体为空", "we asked with an empty body"],
  45009: ["WX_RATE_LIMITED", "当天的接口调用额度已用完", "the day's quota of calls is used up"],
  45011: ["WX_RATE_LIMITED", "每分钟调用次数超限", "there were too many calls in a minute"],
  45035: ["WX_MISCONFIGURED", "本服务器的 IP 不在白名单中", "our address is not on the IP list"],
  47001: ["WX_MISCONFIGURED", "微信无法解析请求体", "we asked with a body that WeChat can't read"],
  48001: ["WX_MISCONFIGURED", "该应用没有此接口的权限", "the app may not use this interface"],
  48004: ["WX_MISCONFIGURED", "该应用的此接口已被封禁", "the app is banned from this interface"],
  50001: ["WX_USER_BLOCKED", "用户没有授权", "the person has not authorised this"],
  50002: ["WX_MISCONFIGURED", "账号受限", "the account is limited"],
  50004: ["WX_MISCONFIGURED", "账号不能使用此功能", "the account may not use this function"],
  50007: ["WX_MISCONFIGURED", "账号已被冻结", "the account is frozen"],
  61004: ["WX_MISCONFIGURED", "本服务器的 IP 未登记", "our address is not registered"],
  61007: ["WX_MISCONFIGURED", "该应用没有把此权限授予第三方平台", "the app has not authorised this to the platform"],
  61010: ["WX_BUSY", "用户两小时内没有打开过小程序", "the person has not opened the mini-program for two hours"],
  61024: [
    "WX_MISCONFIGURED",
    "该应用归第三方平台管理，须由平台调用",
    "the app belongs to a platform, which has to make this call",
  ],
  89501: ["WX_MISCONFIGURED", "本服务器的 IP 正等待管理员确认", "our address waits for the administrator's consent"],
  89503: [
    "WX_MISCONFIGURED",
    "本服务器的 IP 调用接口须经管理员确认",
    "calls from our address need the administrator's consent",
  ],
  89506: [
    "WX_MISCONFIGURED",
    "管理员两次拒绝了本服务器的 IP，24 小时内不能调用",
    "our address is blocked for 24 hours: the administrator refused it twice",
  ],
  89507: [
    "WX_MISCONFIGURED",
    "管理员拒绝了本服务器的 IP，1 小时内不能调用",
    "our address is blocked for an hour: the administrator refused it",
  ],
};

const unknownErrcode = ["WX_BUSY", "wxpass 不认识这个错误码", "nobody knows this errcode here"] as const;

/** What an errcode of WeChat's means, and what a client gets for it. */
export function explainErrcode(errcode: number): { code: ErrorCode; meaning: Text } {
  const [code, zh, en] = refusals[errcode] ?? unknownErrcode;
  return { code, meaning: { zh, en } };
}

/** Whether wxpass knows what an errcode means. */
export const isKnownErrcode = (errcode: number) => refusals[errcode] !== undefined;

/** The errcodes of a server token that is to be renewed. */
export const staleTokenErrcodes: ReadonlySet<number> = new Set([40001, 40014, 42001]);

/** The errcodes with which WeChat refuses an address of ours, and names it. */
export const addressErrcodes: ReadonlySet<number> = new Set([40164, 45035, 61004, 89501, 89503, 89506, 89507]);

const dailyQuota = 45009;

/** WeChat refused a call. It carries the code that a client gets, and WeChat's own with what it means. */
export class WechatRefusal extends AppError {
  readonly errcode: number;
  readonly meaning: string;
  /** Whether the operator has to do something about it. */
  readonly needsOperator: boolean;
  /** The address of ours that WeChat doesn't let in, if it names one. No client gets to see it. */
  readonly address: string | undefined;

  constructor(errcode: number, now: Date, address?: string) {
    const { code, meaning } = explainErrcode(errcode);
    const isUnknown = refusals[errcode] === undefined;
    const retryAfter = errcode === dailyQuota ? secondsToMidnightInChina(now) : 60;
    super(code, { retryAfter, ...((isUnknown || staleTokenErrcodes.has(errcode)) && unavailable) });
    this.errcode = errcode;
    this.address = address;
    this.meaning = meaning.en;
    this.needsOperator = isUnknown || code === "WX_MISCONFIGURED";
  }
}

const unavailableText: Text = {
  zh: "微信接口暂时不可用，请稍后再试",
  en: "WeChat doesn't do this at the moment; try again later",
};

/** What a `WX_BUSY` says of itself where a new code can't help: else clients would sign in in circles. */
export const unavailable = { retry: "LATER", text: unavailableText } as const;

/** WeChat counts its daily quotas by Chinese days. */
function secondsToMidnightInChina(now: Date): number {
  const sinceMidnight = Math.floor(now.getTime() / 1_000 + 8 * 3_600) % 86_400;
  return 86_400 - sinceMidnight;
}
