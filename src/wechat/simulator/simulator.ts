import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import type { WechatApp } from "../app.js";
import { createEndpoints } from "./endpoints.js";
import { faults, messageOf } from "./faults.js";
import { isByDeveloper } from "./guard.js";
import { createPushes } from "./pushes.js";
import { FaultWish, Refusal } from "./refusal.js";

/** A running simulator. */
export interface Simulator {
  /** Where it listens, such as `http://127.0.0.1:4001`. */
  url: string;
  /** Tells where its messages go to. */
  pushTo(url: string): void;
  close(): Promise<void>;
}

interface SimulatorOptions {
  apps: readonly WechatApp[];
  now: () => Date;
  /** The port to try first; if it is taken, any free one is used. */
  port: number;
  /** Signs its messages; without it there are none. */
  pushToken: string | undefined;
  /** Of these the last is the present one, which encrypts. */
  pushAesKeys: readonly string[];
}

/**
 * Starts a server on this machine that speaks WeChat's wire format: what the client meets in production it meets here,
 * the wrong content type and the error codes in answers of HTTP 200 included.
 */
export async function startSimulator({
  apps,
  now,
  port,
  pushToken: token,
  pushAesKeys,
}: SimulatorOptions): Promise<Simulator> {
  let pushUrl: string | undefined;
  const target = () => (token && pushUrl ? { url: pushUrl, token, aesKey: pushAesKeys.at(-1) } : undefined);
  const endpoints = createEndpoints({ apps, pushes: createPushes(apps, now, target), now });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", `http://${request.headers.host ?? "127.0.0.1"}`);
    const endpoint = endpoints[url.pathname];
    if (!endpoint) return void response.writeHead(404).end();
    if (url.pathname.startsWith("/simulator/") && !isByDeveloper(request.headers)) {
      return void response.writeHead(403, { "content-type": "text/plain" }).end(forWebPages);
    }
    const body = await text(request);
    try {
      send(response, url.pathname, await endpoint(url.searchParams, body));
    } catch (error) {
      if (error instanceof FaultWish) return void faults[error.fault](response, url);
      if (!(error instanceof Refusal)) throw error;
      const { errcode } = error;
      send(response, url.pathname, { errcode, errmsg: `${messageOf(errcode)}, rid: ${requestId(now())}` });
    }
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  const listening = await listen(server, port).catch(() => listen(server, 0));

  return {
    url: `http://127.0.0.1:${listening}`,
    pushTo(url) {
      pushUrl = url;
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

const forWebPages = "Only programs and pages of this machine may play the people and WeChat.\n";

async function listen(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("the simulator listens on no port");
  return address.port;
}

/** The login call is answered as `text/plain`, all others as JSON. */
function send(response: ServerResponse, path: string, answer: object): void {
  const type = path.startsWith("/sns/") ? "text/plain" : "application/json; encoding=utf-8";
  response.writeHead(200, { "content-type": type }).end(JSON.stringify(answer));
}

/** WeChat's id of a request: the time and two random numbers. */
function requestId(now: Date): string {
  const seconds = Math.floor(now.getTime() / 1_000).toString(16);
  return `${seconds}-${randomBytes(4).toString("hex")}-${randomBytes(4).toString("hex")}`;
}
