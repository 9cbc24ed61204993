import { firstApp } from "./client.js";
import type { Fate, WxResponse } from "./fates.js";
import { keepSecret } from "./log-search.js";
import type { TestApp } from "./test-app.js";

/** A request that left the phone. */
interface Sent {
  /** The name of the operation, or `upload`. */
  operation: string;
  url: string;
  header: Record<string, string>;
  variables: Record<string, unknown>;
}

interface Callbacks<Result> {
  timeout: number;
  success: (result: Result) => void;
  fail: (reason: unknown) => void;
}

interface RequestOptions extends Callbacks<WxResponse> {
  url: string;
  header: Record<string, string>;
  data: string;
}

interface UploadOptions extends Callbacks<WxResponse> {
  url: string;
  header: Record<string, string>;
  filePath: string;
  name: string;
}

interface ContainerOptions extends Callbacks<WxResponse> {
  config: { env: string };
  path: string;
  header: Record<string, string>;
  data: object;
}

/** What WeChat adds to all requests. */
const wechatHeaders = {
  referer: `https://servicewechat.com/${firstApp}/devtools/page-frame.html`,
  "user-agent":
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) MicroMessenger/8.0.49(0x18003137) Language/zh_CN",
};

export type Phone = ReturnType<typeof createPhone>;

/** A phone with a person's WeChat: `wx` over real HTTP, a storage and a clock, and whatever can go wrong with them. */
export function createPhone(app: TestApp, person = "alice") {
  const fates = new Map<string, Fate[]>();
  const state = {
    sent: [] as Sent[],
    /** All codes that `wx.login` has given. */
    codes: [] as string[],
    /** What `wx.login` fails with. */
    loginFault: undefined as string | undefined,
    storage: new Map<string, unknown>(),
    /** Which functions of the storage throw. */
    storageFaults: [] as string[],
    files: new Map<string, Buffer>(),
    /** Milliseconds by which the phone's clock is ahead. */
    ahead: 0,
    /** Timers that are set: they go off when a test says so. */
    timers: new Map<number, () => void>(),
  };

  async function travel(sent: Sent, send: () => Promise<Response>, read: (text: string) => unknown) {
    state.sent.push(sent);
    const fate = fates.get(sent.operation)?.shift() ?? ((go) => go());
    return fate(async () => {
      const response = await send().catch(() => {
        throw "request:fail errcode:-102 cronet_error_code:-102 error_msg:net::ERR_CONNECTION_REFUSED";
      });
      const text = await response.text();
      for (const [, secret] of text.matchAll(/"(?:token|refreshToken)":"([^"]+)"/g)) keepSecret(secret);
      return { statusCode: response.status, data: read(text), header: headersOf(response, app.now()) };
    });
  }

  function post(url: string, header: Record<string, string>, data: string): Promise<WxResponse> {
    const { query, variables } = JSON.parse(data);
    const operation = /^\s*(?:query|mutation)\s+(\w+)/.exec(query)?.[1] ?? query;
    const init = { method: "POST", headers: { ...header, ...wechatHeaders }, body: data };
    return travel({ operation, url, header, variables }, () => fetch(url, init), jsonOrText);
  }

  const wx = {
    login({ success, fail }: Callbacks<{ code: string; errMsg: string }>): unknown {
      if (state.loginFault) return fail({ errMsg: state.loginFault });
      const url = `${app.simulatorUrl}/simulator/login-code?person=${person}&appid=${firstApp}`;
      settle(
        fetch(url)
          .then((response) => response.json())
          .then((answer) => {
            keepSecret(answer.code);
            state.codes.push(answer.code);
            return answer;
          }),
        { success, fail },
      );
      return undefined;
    },
    request({ url, header, data, success, fail }: RequestOptions): unknown {
      settle(post(url, header, data), { success, fail });
      return { abort() {} };
    },
    uploadFile({ url, header, filePath, name, success, fail }: UploadOptions): unknown {
      const file = state.files.get(filePath);
      if (!file) return fail({ errMsg: "uploadFile:fail file not found" });
      const body = new FormData();
      body.append(name, new Blob([new Uint8Array(file)], { type: "image/png" }), "tmp_8f2a.png");
      const init = { method: "POST", headers: { ...header, ...wechatHeaders }, body };
      const sent = { operation: "upload", url, header, variables: {} };
      const answer = travel(sent, () => fetch(url, init), String);
      settle(
        answer.then(({ statusCode, data }) => ({ statusCode, data })),
        { success, fail },
      );
      return undefined;
    },
    getStorageSync(key: string) {
      if (state.storageFaults.includes("get")) throw new Error("getStorageSync:fail");
      return structuredClone(state.storage.get(key) ?? "");
    },
    setStorageSync(key: string, value: unknown) {
      if (state.storageFaults.includes("set")) throw new Error("setStorageSync:fail exceed storage max size");
      state.storage.set(key, structuredClone(value));
    },
    removeStorageSync(key: string) {
      if (state.storageFaults.includes("remove")) throw new Error("removeStorageSync:fail");
      state.storage.delete(key);
    },
    cloud: {
      containers: [] as unknown[],
      callContainer({ config, path, header, data, success, fail }: ContainerOptions) {
        wx.cloud.containers.push({ config, path, service: header["X-WX-SERVICE"] });
        settle(post(app.url + path, header, JSON.stringify(data)), { success, fail });
      },
    },
  };

  return Object.assign(state, {
    wx,
    /** Gives the next requests of an operation their fates. */
    next(operation: string, ...more: Fate[]): void {
      fates.set(operation, [...(fates.get(operation) ?? []), ...more]);
    },
    /** The names of the operations that were sent since this was last asked. */
    operations: () => state.sent.splice(0).map(({ operation }) => operation),
  });
}

/** Calls back like WeChat, with an `errMsg` in any case. */
function settle<Result>(answer: Promise<Result>, { success, fail }: Pick<Callbacks<Result>, "success" | "fail">): void {
  answer.then(
    (result) => success(Object.assign({ errMsg: "ok" }, result)),
    (reason: unknown) => fail({ errMsg: String(reason) }),
  );
}

/** `dataType: "json"`: what can't be parsed stays text. */
function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** WeChat shows the names of headers as somebody wrote them. Node's `Date` doesn't know that the app's clock was moved. */
function headersOf({ headers }: Response, now: Date): Record<string, string> {
  const named = [...headers].map(([name, value]) => [
    name.replace(/\b[a-z]/g, (letter) => letter.toUpperCase()),
    value,
  ]);
  return { ...Object.fromEntries(named), Date: now.toUTCString() };
}
