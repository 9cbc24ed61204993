import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { afterAll } from "vitest";
import { keepSecret } from "./log-search.js";

/** A WeChat that answers what a test tells it to. */
export interface ScriptedWechat {
  /** Settings that make an app use it. */
  env: Record<string, string>;
  /** The queries of the calls that came so far. */
  calls: URLSearchParams[];
  /** The paths of those calls. */
  paths: string[];
  /** What to do with the next calls. */
  answer(handler: (response: ServerResponse, request: IncomingMessage) => unknown): void;
  /** Answers the next calls with this as `text/plain` JSON, as WeChat does. */
  answerJson(value: unknown): void;
  close(): void;
}

/** The AppSecret of the scripted app; no log may have it. */
export const appSecret = "0123456789abcdef0123456789abcdef";

/** Starts a server on loopback that plays WeChat by script. */
export async function startScriptedWechat(): Promise<ScriptedWechat> {
  keepSecret(appSecret);
  const calls: URLSearchParams[] = [];
  const paths: string[] = [];
  let handle: (response: ServerResponse, request: IncomingMessage) => unknown = (response) => response.end("{}");
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://wechat.test");
    calls.push(url.searchParams);
    paths.push(url.pathname);
    handle(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("no port");
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  afterAll(close);
  const answer = (handler: typeof handle) => {
    handle = handler;
  };
  return {
    env: { WECHAT_APPS: `wxscripted:${appSecret}`, WECHAT_API_URL: `http://127.0.0.1:${address.port}` },
    calls,
    paths,
    answer,
    answerJson: (value) =>
      answer((response) => response.writeHead(200, { "content-type": "text/plain" }).end(JSON.stringify(value))),
    close,
  };
}
