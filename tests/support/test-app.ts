import "reflect-metadata";
import { join } from "node:path";
import { pino } from "pino";
import { inject } from "vitest";
import { type App, startApp } from "../../src/app.js";
import type { BackEnd } from "../../src/back-end.js";
import { loadConfig } from "../../src/settings/config.js";
import { type Client, createClient } from "./client.js";
import { newDatabase } from "./database.js";
import { keepLog, keepSecret } from "./log-search.js";

/** A line that the server logged. */
export type LogLine = Record<string, unknown> & { msg: string; level: number };

/** The real app, listening on a port of its own with an empty database of its own. */
export interface TestApp extends App {
  client: Client;
  databaseUrl: string;
  /** What was logged so far, at every level. */
  logged: LogLine[];
  /** Moves the app's clock on by so many milliseconds. */
  advance(milliseconds: number): void;
  /** The app's time. */
  now(): Date;
}

interface TestAppOptions {
  /** Settings beyond the defaults. */
  env?: Record<string, string>;
  fetch?: typeof globalThis.fetch;
  /** What an own back end adds. */
  own?: BackEnd;
}

export const jwtSecret = "a-secret-for-tests-that-is-long-enough-0123456789";

const open = new Set<App>();

/** Closes the apps that a test file has left open; `close-apps.ts` calls it at the end of each. */
export async function closeApps(): Promise<void> {
  await Promise.all([...open].map((app) => app.close()));
  open.clear();
}

/** Starts the app as `main.ts` does, with settings as from the environment. It is closed when the test file ends. */
export async function startTestApp({
  env = {},
  fetch = globalThis.fetch,
  own = {},
}: TestAppOptions = {}): Promise<TestApp> {
  const databaseUrl = env["DATABASE_URL"] ?? (await newDatabase());
  const config = loadConfig(
    {
      NODE_ENV: "test",
      PORT: "0",
      PUBLIC_URL: "http://wxpass.test",
      JWT_SECRET: jwtSecret,
      DATABASE_URL: databaseUrl,
      STORAGE_URL: `file:${join(inject("folder"), "avatars")}`,
      RATE_LIMIT: "off",
      ...env,
    },
    undefined,
    own,
  );
  keepSecret(...config.jwtSecrets, ...config.wechat.pushAesKeys, ...config.wechat.apps.map((app) => app.secret));
  const logged: LogLine[] = [];
  const write = (line: string) => {
    keepLog(line);
    logged.push(JSON.parse(line));
  };
  let ahead = 0;
  const now = () => new Date(Date.now() + ahead);
  const app = await startApp(config, { fetch, now, log: pino({ level: "trace", base: null }, { write }) }, own);
  open.add(app);
  return {
    ...app,
    client: createClient(app.url),
    databaseUrl,
    logged,
    now,
    advance: (milliseconds) => {
      ahead += milliseconds;
    },
    async close() {
      open.delete(app);
      await app.close();
    },
  };
}
