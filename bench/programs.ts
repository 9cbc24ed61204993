import { join, resolve } from "node:path";
import { baselineCommit, baselineFolder, startOf } from "./checkout.ts";
import type { Launch } from "./server.ts";

/** What is measured. Its name is what tables call it, the id what the command line does. */
export interface Program {
  id: string;
  name: string;
  /** How it is started; wxpass on another database than a file in its folder, too. */
  launch(at: Place): Omit<Launch, "folder" | "name">;
  /** It can refresh, and runs on PostgreSQL. */
  isWxpass: boolean;
}

/** Where a program runs. */
export interface Place {
  folder: string;
  wechatUrl: string;
  /** Of PostgreSQL. */
  databaseUrl?: string | undefined;
  /** Further settings of wxpass. */
  settings?: Record<string, string>;
}

const secret = "bench-secret-Zp3vR8xkW1nQ6tYd0LsHc5Jf";

/** Counts every request and refuses none. */
const endless = "999999/1m,999999/1m";

const quiet = { LOG_LEVEL: "warn", RATE_LIMIT: "off" };
const usual = {
  LOG_LEVEL: "info",
  RATE_LIMIT: "on",
  RATE_LIMIT_LOGIN: endless,
  RATE_LIMIT_REFRESH: endless,
  RATE_LIMIT_UPLOAD: endless,
};

/** All programs, wxpass last. */
export function listPrograms(against: string | undefined): Program[] {
  return [
    rival("empty", "node, an empty server", "empty", "prepared"),
    rival("limit", "limit", "limit", "prepared"),
    rival("floor", "Apollo's floor", "apollo-floor", "prepared"),
    rival("mercurius", "mercurius + jit", "mercurius", "orm"),
    rival("mercurius-prepared", "mercurius + jit, no ORM", "mercurius", "prepared"),
    rival("fastify", "Apollo on Fastify", "apollo-fastify", "orm"),
    rival("fastify-prepared", "Apollo on Fastify, no ORM", "apollo-fastify", "prepared"),
    rival("standalone", "Apollo standalone", "apollo-standalone", "orm"),
    rival("yoga", "yoga", "yoga", "orm"),
    wxpass("baseline", `wxpass ${baselineCommit}`, baselineFolder, quiet),
    ...(against === undefined ? [] : [wxpass("against", `wxpass in ${against}`, () => resolve(against), quiet)]),
    wxpass("wxpass-info", "wxpass, info, limits on", ownFolder, usual),
    wxpass("wxpass", "wxpass", ownFolder, quiet),
  ];
}

const ownFolder = () => resolve(import.meta.dirname, "..");

function rival(id: string, name: string, file: string, people: "orm" | "prepared"): Program {
  return {
    id,
    name,
    isWxpass: false,
    launch: ({ folder, wechatUrl }) => ({
      args: [join(import.meta.dirname, `rivals/${file}.mjs`)],
      env: {
        NODE_ENV: "production",
        DATABASE: join(folder, "people.db"),
        PEOPLE: people,
        JWT_SECRET: secret,
        WECHAT_API_URL: wechatUrl,
      },
      path: "/",
      ready: undefined,
    }),
  };
}

function wxpass(id: string, name: string, folder: () => string, env: Record<string, string>): Program {
  return {
    id,
    name,
    isWxpass: true,
    launch: ({ wechatUrl, databaseUrl, settings }) => ({
      args: startOf(folder()),
      env: {
        ...env,
        NODE_ENV: "production",
        JWT_SECRET: secret,
        WECHAT_APPS: "wxbench:secret",
        WECHAT_API_URL: wechatUrl,
        ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
        ...settings,
      },
      path: "/graphql",
      ready: "/readyz",
    }),
  };
}
