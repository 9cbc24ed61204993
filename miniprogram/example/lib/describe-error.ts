import { serverUrl } from "../config";
import type { WxpassError } from "../wxpass/wxpass.js";
import { isWxpassError } from "../wxpass/wxpass.js";

/** A failure as a page shows it. */
export interface Problem {
  /** What happened. */
  title: string;
  /** What one can do about it; empty if the title says it. */
  advice: string;
  /** For the small print: under which number the server's log has more. Empty if that is of no use. */
  detail: string;
  /** For whoever develops the program, and nobody else. */
  hint: string;
  canRetry: boolean;
}

/** What goes wrong between the phone and the server, where no server wrote a message. */
const onTheWay: Record<string, [title: string, advice: string]> = {
  NETWORK_ERROR: ["连不上服务器", "请检查网络，然后重试"],
  TIMEOUT: ["服务器迟迟没有响应", "网络可能不太稳定，请稍后重试"],
  INTERRUPTED: ["请求中断了", "小程序切到后台后，未完成的请求会中断，请重试"],
  BAD_RESPONSE: ["服务器暂时不可用", "请稍后重试"],
  LOGIN_FAILED: ["微信登录没有成功", "请检查网络，然后重试"],
};

/** Codes whose message says all there is to say. */
const selfExplaining = ["BAD_USER_INPUT", "CONTENT_REJECTED", "PHONE_TAKEN", "RATE_LIMITED", "USER_DISABLED"];

/**
 * Puts a failure into words for people, beginning with what has not been done because of it, if that isn't plain. Anything that
 * is no error of the client's is a fault of this program.
 */
export function describeError(error: unknown, undone?: string): Problem {
  const problem = describe(error);
  return undone === undefined ? problem : { ...problem, title: `${undone}：${problem.title}` };
}

function describe(error: unknown): Problem {
  if (!isWxpassError(error))
    return { ...problemOf("出了点问题"), advice: "请重试", hint: String(error), canRetry: true };
  const [title, advice] = onTheWay[error.code] ?? [error.message, waitingTime(error.retryAfter)];
  return { title, advice, detail: smallPrint(error), hint: hintFor(error), canRetry: error.retry !== "NEVER" };
}

/** A problem that one sentence says all about. */
export function problemOf(title: string): Problem {
  return { title, advice: "", detail: "", hint: "", canRetry: false };
}

function waitingTime(seconds: number | undefined): string {
  if (seconds === undefined) return "";
  return seconds < 60 ? `请 ${Math.ceil(seconds)} 秒后再试` : `请 ${Math.ceil(seconds / 60)} 分钟后再试`;
}

function smallPrint({ code, requestId }: WxpassError): string {
  return requestId === undefined || selfExplaining.includes(code) ? "" : `错误编号 ${requestId}`;
}

/** What is most likely wrong on a developer's machine. People who use the published program don't see it. */
function hintFor({ code, detail }: WxpassError): string {
  if (wx.getAccountInfoSync().miniProgram.envVersion !== "develop") return "";
  if (code === "WX_CODE_INVALID")
    return "开发提示：服务器不认识这个 AppID 的 code。用模拟器时，project.config.json 的 appid 要保持 touristappid；用自己的 AppID 时，服务器要配好 WECHAT_APPS。";
  if (code !== "NETWORK_ERROR") return "";
  return `开发提示：服务器启动了吗？地址 ${serverUrl} 写在 config.ts 里；开发者工具要勾选“不校验合法域名”，手机上要打开调试。${detail ?? ""}`;
}
