import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, inject, test } from "vitest";
import { loadConfig } from "../../src/settings/config.js";
import { ConfigError } from "../../src/settings/config-error.js";
import { newDatabase } from "../support/database.js";
import { productionEnv } from "../support/server-process.js";
import { startTestApp } from "../support/test-app.js";

const secret = randomBytes(32).toString("hex");
const load = (env: Record<string, string>) => loadConfig({ JWT_SECRET: secret, ...env });

/** The names in front of the faults, or of the warnings if it starts. */
function told(env: Record<string, string>): { faults?: string[]; warnings?: string[] } {
  const names = (lines: string[]) => lines.map((line) => line.slice(0, line.search(/[:：]/)));
  try {
    const { warnings } = load(env);
    expect(names(warnings.map(({ zh }) => zh))).toEqual(names(warnings.map(({ en }) => en)));
    return { warnings: names(warnings.map(({ en }) => en)) };
  } catch (error) {
    if (error instanceof ConfigError) return { faults: names(error.faults) };
    throw error;
  }
}

const real = { WECHAT_APPS: "wxa:0123456789abcdef0123456789abcdef" };
const production = { ...productionEnv, JWT_SECRET: secret, PUBLIC_URL: "https://id.example.com" };

const open = [
  { HOST: "0.0.0.0" },
  { HOST: "::" },
  { HOST: "192.168.1.20" },
  { HOST: "example.com" },
  { PUBLIC_URL: "https://id.example.com" },
  { PUBLIC_URL: "http://8.8.8.8:4000" },
  { PUBLIC_URL: "http://172.32.0.1" },
  { PUBLIC_URL: "http://localhost.example.com" },
  { PUBLIC_URL: "http://[2001:db8::1]" },
];

describe("without NODE_ENV", () => {
  test.each(open)("a simulator that others reach by %o refuses to start", (env) => {
    expect(told(env)).toEqual({ faults: ["NODE_ENV"] });
    expect(told({ ...env, NODE_ENV: "development" })).toEqual({ warnings: [] });
  });

  test.each(open)("a server for real people that others reach by %o warns once", (env) => {
    expect(told({ ...env, ...real })).toEqual({ warnings: ["NODE_ENV"] });
  });

  test.each([
    {},
    { HOST: "localhost" },
    { HOST: "127.0.0.2" },
    { HOST: "::1" },
    { PUBLIC_URL: "http://192.168.1.20:4000" },
    { PUBLIC_URL: "http://10.0.0.1" },
    { PUBLIC_URL: "http://172.31.255.1" },
    { PUBLIC_URL: "http://[fd00::1]:4000" },
    { PUBLIC_URL: "http://my-mac.local:4000" },
    { PUBLIC_URL: "http://LOCALHOST:4000" },
    { PUBLIC_URL: "http://localhost.:4000" },
    { PUBLIC_URL: "http://my-mac.local.:4000" },
  ])("one that only this machine or its neighbours reach, by %o, starts", (env) => {
    expect(told(env)).toEqual({ warnings: [] });
  });

  test("the recipe for a real phone works", () => {
    const phone = { HOST: "0.0.0.0", PUBLIC_URL: "http://192.168.1.20:4000", ...real };
    expect(told(phone)).toEqual({ warnings: ["NODE_ENV"] });
  });
});

describe("in production", () => {
  test("what is as it should be says nothing", () => {
    expect(told(production)).toEqual({ warnings: [] });
  });

  test.each([
    ["WECHAT_API_URL", "http://10.0.0.1"],
    ["PUBLIC_URL", "http://id.example.com"],
    ["PUBLIC_URL", ""],
    ["RATE_LIMIT", "off"],
  ])("%s=%s is one warning", (name, value) => {
    expect(told({ ...production, [name]: value })).toEqual({ warnings: [name] });
  });

  test.each(["AAAAA", "A".repeat(32), "12345678123456781234567812345678", "yourpushtokenhere", "abcdefghijklmnopqrst"])(
    "the push token %s is refused",
    (token) => {
      expect(told({ ...production, WECHAT_PUSH_TOKEN: token })).toEqual({ faults: ["WECHAT_PUSH_TOKEN"] });
    },
  );

  test("a database is not begun beside another: its name may be misspelt", async () => {
    const folder = join(inject("folder"), `beside-${randomBytes(6).toString("hex")}`);
    mkdirSync(folder);
    const begin = (name: string) => told({ ...production, DATABASE_URL: `sqlite:${join(folder, name)}` });
    expect(begin("wxpass.db")).toEqual({ warnings: [] });
    writeFileSync(join(folder, "notes.txt"), "no database");
    expect(begin("wxpass.db")).toEqual({ warnings: [] });
    writeFileSync(join(folder, "wxpass.db"), "SQLite format 3\0 and so on");
    expect(begin("wxpass.db")).toEqual({ warnings: [] });
    expect(begin("wxpas.db")).toEqual({ faults: ["DATABASE_URL"] });
    expect(told({ DATABASE_URL: `sqlite:${join(folder, "wxpas.db")}` })).toEqual({ warnings: ["DATABASE_URL"] });
    writeFileSync(join(folder, "wxpas.db"), "");
    expect(begin("wxpas.db")).toEqual({ warnings: [] });
  });
});

test.each([
  "your-256-bit-secret-your-256-bit-secret",
  "a-string-secret-at-least-256-bits-long",
  "1234567812345678123456781234567812345678",
  "0123456789abcdef0123456789abcdef",
  "zyxwvutsrqponmlkjihgfedcba9876543210",
  "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6",
  "qwertyuiopasdfghjklzxcvbnm1234567890",
  "my-super-secret-jwt-signing-key-please-change",
  "deadbeefdeadbeefdeadbeefdeadbeef",
  "请换成你自己的随机密钥请换成你自己的随机密钥",
])("the secret %s is refused", (weak) => {
  expect(told({ JWT_SECRET: weak })).toEqual({ faults: ["JWT_SECRET"] });
});

test("no random secret is refused, however it is written", () => {
  for (let i = 0; i < 300; i++) {
    const written = [
      randomBytes(16).toString("hex"),
      randomBytes(24).toString("base64"),
      randomBytes(48).toString("base64url"),
    ];
    expect(told({ JWT_SECRET: written.join(",") })).toEqual({ warnings: [] });
    expect(told({ ...production, WECHAT_PUSH_TOKEN: randomBytes(16).toString("hex") })).toEqual({ warnings: [] });
  }
});

test("names that are nearly ours are warnings, and others are left alone", () => {
  const near = {
    NODE_EVN: "production",
    wechat_apps: "wxa:b",
    JWT_SECRETS: "x",
    "RATE-LIMIT": "off",
    PROT: "1",
    DATABSE_URL: "y",
  };
  const { JWT_SECRET: _, ...withoutSecret } = { JWT_SECRET: secret };
  expect(told({ ...near, ...withoutSecret }).warnings).toEqual(
    Object.keys(near).filter((name) => name !== "JWT_SECRETS"),
  );
  expect(
    told({ HOME: "/root", HOSTNAME: "a", PATH: "/bin", TZ: "UTC", SHOP_NAME: "x", POSTGRES_URL: "x" }).warnings,
  ).toEqual([]);
});

test("a proxy shows itself by X-Forwarded-For, which is one warning while the simulator is on", async () => {
  const app = await startTestApp({ env: { DATABASE_URL: await newDatabase("sqlite") } });
  const warnings = () => app.logged.filter(({ msg }) => msg.includes("while the simulator is on"));
  await fetch(`${app.url}/livez`);
  expect(warnings()).toEqual([]);
  for (const _ of [1, 2]) await fetch(`${app.url}/livez`, { headers: { "x-forwarded-for": "203.0.113.30" } });
  expect(warnings()).toHaveLength(1);
});
