import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import { type Client, createClient } from "./client.js";
import { keepLog } from "./log-search.js";

/** A server in a process of its own, run from the built files as `npm start` runs it. */
export interface ServerProcess {
  child: ChildProcess;
  /** What it printed so far. */
  output(): string;
  /** The code with which it exited, or the signal that ended it. */
  exited: Promise<number | string>;
}

export interface ListeningServer extends ServerProcess {
  url: string;
  simulatorUrl: string | undefined;
  client: Client;
}

const builtServer = join(import.meta.dirname, "../../dist/main.js");

const running = new Set<ServerProcess>();

/** Ends the servers that a test file has left running; `stop-servers.ts` calls it at the end of each. */
export async function stopServers(): Promise<void> {
  for (const { child } of running) child.kill("SIGKILL");
  await Promise.all([...running].map(({ exited }) => exited));
}

/** The lines that greet whoever starts a server by hand; they show what no log may, such as a command with a code. */
const greeting = /^wxpass, the account server[\s\S]+?-d '.+'$/m;

/** Spares each of many processes compiling the same modules; `vitest.config.ts` says where. */
export const compileCache = { NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] ?? "" };

/** A new, empty folder to start a server in. */
export function newFolder(): string {
  const folder = join(inject("folder"), `process-${randomBytes(6).toString("hex")}`);
  mkdirSync(folder);
  return folder;
}

/** Settings with which a server starts in production. */
export const productionEnv = {
  NODE_ENV: "production",
  JWT_SECRET: "f0r-the-tests-of-production-only-8dj2kq0x7z",
  WECHAT_APPS: "wxproduction:fedcba9876543210fedcba9876543210",
};

/** Starts a server process in a folder, with nothing but these settings. */
export function spawnServer(env: Record<string, string>, cwd: string, args = [builtServer]): ServerProcess {
  const child = spawn(process.execPath, args, {
    cwd,
    env: { PORT: "0", RATE_LIMIT: "off", ...compileCache, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
  }
  const exited = once(child, "close").then(([code, signal]: (number | string | null)[]) => {
    running.delete(server);
    keepLog(text.replace(greeting, ""));
    return code ?? signal ?? "unknown";
  });
  const server = { child, output: () => text, exited };
  running.add(server);
  return server;
}

/** Starts a server process and waits until it listens. */
export async function startServer(
  env: Record<string, string>,
  cwd: string,
  args = [builtServer],
): Promise<ListeningServer> {
  const server = spawnServer(env, cwd, args);
  const url = await printed(server, /API +(http:\/\/\S+)\/graphql|"url":"(http:[^"]+)"/);
  const simulatorUrl = /simulator at (http:\S+)/.exec(server.output())?.[1];
  return { ...server, url, simulatorUrl, client: createClient(url) };
}

/** What the pattern's group matches, once the process has printed it. */
function printed(server: ServerProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const match = pattern.exec(server.output());
      if (match) resolve(match[1] ?? match[2] ?? "");
    };
    server.child.stdout?.on("data", look);
    server.exited.then((code) => reject(new Error(`exited with ${code}:\n${server.output()}`)), reject);
    look();
  });
}
