import { AppError, type ErrorCode } from "../errors.js";

/**
 * What WeChat's error codes mean to a client. Those not listed are answers that make no sense here: `WX_BUSY`.
 * @see https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/user-login/code2Session.html
 */
const outcomes: Record<number, ErrorCode> = {
  [-1]: "WX_BUSY",
  40001: "WX_MISCONFIGURED",
  40013: "WX_MISCONFIGURED",
  40029: "WX_CODE_INVALID",
  40125: "WX_MISCONFIGURED",
  40163: "WX_CODE_INVALID",
  40164: "WX_MISCONFIGURED",
  40226: "WX_USER_BLOCKED",
  40243: "WX_MISCONFIGURED",
  41002: "WX_MISCONFIGURED",
  41004: "WX_MISCONFIGURED",
  41008: "WX_CODE_INVALID",
  45009: "WX_RATE_LIMITED",
  45011: "WX_RATE_LIMITED",
  48001: "WX_MISCONFIGURED",
};

const dailyQuota = 45009;

/** WeChat refused a call. It carries the code that a client gets, and WeChat's own. */
export class WechatRefusal extends AppError {
  readonly errcode: number;

  constructor(errcode: number, now: Date) {
    const retryAfter = errcode === dailyQuota ? secondsToMidnightInChina(now) : 60;
    super(outcomes[errcode] ?? "WX_BUSY", { retryAfter });
    this.errcode = errcode;
  }
}

/** WeChat counts its daily quotas by Chinese days. */
function secondsToMidnightInChina(now: Date): number {
  const sinceMidnight = Math.floor(now.getTime() / 1_000 + 8 * 3_600) % 86_400;
  return 86_400 - sinceMidnight;
}
