import type { Failure, Reply } from "../../protocol.ts";
import type { Bridge } from "../bridge.ts";
import type { TempFiles } from "../temp-files.ts";
import { type Callbacks, settle, WxFailure } from "./callbacks.ts";

interface RequestOptions {
  url: string;
  data?: unknown;
  header?: Record<string, string>;
  method?: string;
  timeout?: number;
  dataType?: string;
}

interface UploadOptions {
  url: string;
  filePath: string;
  name: string;
  formData?: Record<string, string>;
  header?: Record<string, string>;
  timeout?: number;
}

interface Task {
  abort(): void;
}

type Outcome = { reply: Reply } | { failure: Failure };

/** Milliseconds that WeChat waits when nothing is said. */
const defaultTimeout = 60_000;

const methods = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT"];

/**
 * `wx.request` and `wx.uploadFile` over the bridge.
 * @see https://developers.weixin.qq.com/miniprogram/dev/framework/ability/network.html
 */
export function createNetwork(bridge: Bridge, files: TempFiles) {
  const open = new Map<number, (outcome: Outcome) => void>();
  let lastId = 0;

  /** Sends something that can be given up before an answer comes. */
  function send(call: (id: number) => Promise<Outcome>): { id: number; reply: () => Promise<Reply> } {
    const id = ++lastId;
    const outcome = new Promise<Outcome>((resolve) => {
      open.set(id, resolve);
      call(id).then(resolve);
    });
    const reply = async () => {
      const settled = await outcome;
      open.delete(id);
      if ("failure" in settled) throw new WxFailure(settled.failure);
      return settled.reply;
    };
    return { id, reply };
  }

  function end(id: number, errMsg: string): void {
    open.get(id)?.({ failure: { errMsg } });
    bridge("abort", { id });
  }

  function request(options: RequestOptions & Callbacks<object>): Task {
    const { url, method = "GET", timeout = defaultTimeout } = options;
    const header = lowerCased({ "content-type": "application/json", ...options.header });
    const { query, body } = encode(options.data, method, header["content-type"] ?? "");
    const sent = send((id) =>
      methods.includes(method)
        ? bridge("request", { id, url: withQuery(url, query), method, header, body, timeout })
        : Promise.resolve({ failure: { errMsg: "fail parameter error: invalid method" } }),
    );
    settle("request", options, async () => {
      const { body: text, ...rest } = await sent.reply();
      return { ...rest, cookies: [], data: (options.dataType ?? "json") === "json" ? parsed(text) : text };
    });
    return { abort: () => end(sent.id, "fail abort") };
  }

  function uploadFile(options: UploadOptions & Callbacks<object>): Task {
    const { url, name, formData = {}, timeout = defaultTimeout } = options;
    const file = files.find(options.filePath);
    const sent = send((id) =>
      file
        ? bridge("upload", { id, url, name, formData, header: lowerCased(options.header ?? {}), timeout, ...file })
        : Promise.resolve({ failure: { errMsg: "fail file not found" } }),
    );
    settle("uploadFile", options, async () => {
      const { statusCode, body } = await sent.reply();
      return { statusCode, data: body };
    });
    return { abort: () => end(sent.id, "fail abort") };
  }

  return {
    request,
    uploadFile,
    /** What happens to unfinished requests five seconds after the program went to the background. */
    interrupt(): void {
      for (const id of open.keys()) end(id, "fail interrupted");
    },
  };
}

const lowerCased = (header: Record<string, string>) =>
  Object.fromEntries(Object.entries(header).map(([name, value]) => [name.toLowerCase(), String(value)]));

function encode(data: unknown, method: string, type: string): { query: string; body: string | undefined } {
  if (data === undefined || data === null) return { query: "", body: undefined };
  const form = typeof data === "object" ? toForm(data) : "";
  if (method === "GET") return { query: form, body: undefined };
  if (typeof data === "string") return { query: "", body: data };
  return { query: "", body: type.includes("x-www-form-urlencoded") ? form : JSON.stringify(data) };
}

const toForm = (data: object) =>
  Object.entries(data)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
    .join("&");

const withQuery = (url: string, query: string) => (query ? `${url}${url.includes("?") ? "&" : "?"}${query}` : url);

/** WeChat gives the text when it is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
