import pLimit, { type LimitFunction } from "p-limit";
import { Agent, FormData, request as send } from "undici";
import type { Failure, Reply, RequestCall, UploadCall } from "../protocol.ts";

interface RequestsOptions {
  appId: string;
  servers: Record<string, string>;
}

type Call = RequestCall | UploadCall;
type Body = string | FormData | null;
type Outcome = { reply: Reply } | { failure: Failure };

/** What the phone says of itself. The version stands for WeChat of the year 2024 on an iPhone. */
const userAgent =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.49(0x18003130) NetType/WIFI Language/zh_CN";

/** As many requests as WeChat has in flight; the others wait. */
const atOnce = 10;

/** WeChat's words for what goes wrong below HTTP. */
const netErrors: Record<string, [number, string]> = {
  ECONNREFUSED: [-102, "net::ERR_CONNECTION_REFUSED"],
  ECONNRESET: [-101, "net::ERR_CONNECTION_RESET"],
  UND_ERR_SOCKET: [-100, "net::ERR_CONNECTION_CLOSED"],
  ENOTFOUND: [-105, "net::ERR_NAME_NOT_RESOLVED"],
  OFFLINE: [-106, "net::ERR_INTERNET_DISCONNECTED"],
};

/**
 * Sends what `wx.request` and `wx.uploadFile` send, with the headers of a mini-program, and fails in WeChat's words.
 * @see https://developers.weixin.qq.com/miniprogram/dev/framework/ability/network.html
 */
export function createRequests({ appId, servers }: RequestsOptions) {
  const agent = new Agent();
  const limit = { request: pLimit(atOnce), upload: pLimit(atOnce) };
  const open = new Map<number, AbortController>();
  let online = true;

  const always = {
    referer: `https://servicewechat.com/${appId}/devtools/page-frame.html`,
    "user-agent": userAgent,
    "accept-language": "zh-CN,zh;q=0.9",
  };

  function addressOf(url: string): string {
    const { origin } = new URL(url);
    return (servers[origin] ?? origin) + url.slice(origin.length);
  }

  async function exchange(
    { url, header, timeout }: Call,
    method: string,
    body: Body,
    given: AbortSignal,
  ): Promise<Outcome> {
    if (!/^https?:\/\//.test(url)) return { failure: { errMsg: `fail invalid url "${url}"` } };
    if (!online) return { failure: failureOf("OFFLINE") };
    try {
      const signal = AbortSignal.any([given, AbortSignal.timeout(timeout)]);
      const options = { dispatcher: agent, method, headers: { ...header, ...always }, body, signal };
      const { statusCode, headers, body: answer } = await send(addressOf(url), options);
      return { reply: { statusCode, header: flat(headers), body: await answer.text() } };
    } catch (error) {
      return { failure: failureOf(codeOf(error)) };
    }
  }

  /** Sends when there is room, unless it was given up before. */
  async function queue(limit: LimitFunction, call: Call, method: string, body: Body): Promise<Outcome> {
    const controller = new AbortController();
    open.set(call.id, controller);
    const outcome = await limit(() => exchange(call, method, body, controller.signal));
    open.delete(call.id);
    return outcome;
  }

  return {
    request: (call: RequestCall) => queue(limit.request, call, call.method, call.body ?? null),
    upload(call: UploadCall) {
      const form = new FormData();
      for (const [name, value] of Object.entries(call.formData)) form.append(name, value);
      form.append(call.name, new Blob([Buffer.from(call.content, "base64")]), call.fileName);
      return queue(limit.upload, call, "POST", form);
    },
    abort: (id: number) => open.get(id)?.abort(),
    /** Without network, what is on its way fails too. */
    setOnline(next: boolean) {
      online = next;
      if (!online) for (const controller of open.values()) controller.abort(new NoNetwork());
    },
    close: () => agent.destroy(),
  };
}

class NoNetwork extends Error {
  readonly code = "OFFLINE";
}

function codeOf(error: unknown): string {
  if (error instanceof DOMException && error.name === "TimeoutError") return "TIMEOUT";
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return error instanceof Error && "code" in error ? String(error.code) : "UNKNOWN";
}

function failureOf(code: string): Failure {
  if (code === "TIMEOUT") return { errMsg: "fail timeout", errno: 5 };
  const [number, words] = netErrors[code] ?? [-2, "net::ERR_FAILED"];
  return { errMsg: `fail errcode:${number} cronet_error_code:${number} error_msg:${words}`, errno: 600001 };
}

const flat = (headers: Record<string, string | string[] | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat().join(",")]));
