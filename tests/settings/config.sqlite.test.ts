import fs, { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { loadConfig } from "../../src/settings/config.js";
import { ConfigError } from "../../src/settings/config-error.js";
import { settingNames } from "../../src/settings/settings.js";

const folder = mkdtempSync(join(tmpdir(), "wxpass-config-"));
afterAll(() => rmSync(folder, { recursive: true }));

const strong = "q8Zr0hT2mX5vN7bK1cJ4dL6gF9sA3wEy";
const other = "Y4eW3aS9fG6lD4jC1kB7nV5xM2tH0rZ8";
const apps = "wx1111111111111111:0123456789abcdef0123456789abcdef";

const load = (env: Record<string, string>) =>
  loadConfig({ NODE_ENV: "development", JWT_SECRET: strong, ...env }, join(folder, "unused"));

/** The faults of these settings, by the names of the settings; also checks that no secret is shown. */
function faultsOf(env: Record<string, string>): string[] {
  try {
    load(env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.message).not.toMatch(/hunter22|s3cret|0123456789abcdef|q8Zr0hT2|abcabc/);
    return error.faults.map((fault) => fault.slice(0, fault.indexOf(":")));
  }
  return [];
}

test("without a setting it is a development server on this machine, with SQLite and the simulator", () => {
  expect(load({})).toMatchObject({
    production: false,
    host: "127.0.0.1",
    port: 4000,
    publicUrl: "http://127.0.0.1:4000",
    database: { driver: "sqlite", file: "./data/wxpass.db" },
    accessTokenSeconds: 7_200,
    sessionLife: { idleSeconds: 2_592_000, absoluteSeconds: 15_552_000 },
    wechat: { apiUrl: "https://api.weixin.qq.com", simulator: true },
    explorer: "sandbox",
    corsOrigins: ["https://studio.apollographql.com"],
    logLevel: "info",
    auditRetentionSeconds: 34_560_000,
    logClientAddress: false,
  });
});

test("in production there is no simulator, no explorer and no open origin", () => {
  const config = load({ NODE_ENV: "production", WECHAT_APPS: apps, EXPLORER: "graphiql" });
  expect(config).toMatchObject({ production: true, wechat: { simulator: false }, explorer: "off", corsOrigins: [] });
});

const good: [name: string, value: string, expected: object][] = [
  ["NODE_ENV", "test", { production: false }],
  ["HOST", "0.0.0.0", { host: "0.0.0.0", publicUrl: "http://0.0.0.0:4000" }],
  ["HOST", "::1", { host: "::1", publicUrl: "http://[::1]:4000" }],
  ["PORT", "0", { port: 0 }],
  ["PORT", "65535", { port: 65_535, publicUrl: "http://127.0.0.1:65535" }],
  ["PUBLIC_URL", "https://id.example.com/", { publicUrl: "https://id.example.com" }],
  ["PUBLIC_URL", "http://example.com/wxpass//", { publicUrl: "http://example.com/wxpass" }],
  ["DATABASE_URL", "sqlite:/var/lib/users.db", { database: { driver: "sqlite", file: "/var/lib/users.db" } }],
  ["DATABASE_URL", "sqlite:users.db", { database: { driver: "sqlite", file: "users.db" } }],
  [
    "DATABASE_URL",
    "postgresql://u:p@db/x",
    { database: { driver: "postgresql", url: "postgresql://u:p@db/x", poolSize: 10, waitSeconds: 120 } },
  ],
  [
    "DATABASE_URL",
    "postgres://u:p@db:5433/x",
    { database: { driver: "postgresql", url: "postgres://u:p@db:5433/x", poolSize: 10, waitSeconds: 120 } },
  ],
  [
    "DATABASE_URL",
    "postgresql://u:p@/x?host=/run/postgresql&application_name=a&options=-c%20geqo%3Doff&statement_timeout=5000",
    { database: { driver: "postgresql" } },
  ],
  ["DATABASE_URL", "postgresql:///x?host=/run/postgresql&sslmode=no-verify", { database: { driver: "postgresql" } }],
  ["DATABASE_WAIT", "30s", {}],
  ["JWT_SECRET", strong, { jwtSecrets: [strong] }],
  ["JWT_SECRET", `${other}, ${strong}`, { jwtSecrets: [other, strong] }],
  ["INTROSPECTION_SECRET", "AAAAA", { introspectionSecret: "AAAAA" }],
  ["INTROSPECTION_SECRET", "aGVsbG8+d29ybGQ/IQ==", { introspectionSecret: "aGVsbG8+d29ybGQ/IQ==" }],
  ["ACCESS_TOKEN_TTL", "90s", { accessTokenSeconds: 90 }],
  ["ACCESS_TOKEN_TTL", "15m", { accessTokenSeconds: 900 }],
  ["ACCESS_TOKEN_TTL", "1h", { accessTokenSeconds: 3_600 }],
  ["ACCESS_TOKEN_TTL", "2d", { accessTokenSeconds: 172_800 }],
  ["REFRESH_TOKEN_TTL", "7d", { sessionLife: { idleSeconds: 604_800 } }],
  ["SESSION_TTL", "365d", { sessionLife: { absoluteSeconds: 31_536_000 } }],
  ["WECHAT_APPS", "wxa:s", { wechat: { apps: [{ appId: "wxa", secret: "s" }], simulator: false } }],
  ["WECHAT_APPS", "wxa:s, wxb:t", { wechat: { apps: [{ appId: "wxa" }, { appId: "wxb" }] } }],
  ["WECHAT_SIMULATOR", "on", { wechat: { simulator: true } }],
  ["WECHAT_CONTENT_CHECK", "on", { contentCheck: { texts: true, avatars: false } }],
  ["WECHAT_PUSH_TOKEN", "AAAAA", { wechat: { pushToken: "AAAAA" }, contentCheck: { texts: false, avatars: false } }],
  ["WECHAT_PUSH_TOKEN", "AAAAA", { wechat: { pushAesKeys: [] } }],
  ["EXPLORER", "graphiql", { explorer: "graphiql" }],
  ["EXPLORER", "off", { explorer: "off" }],
  ["CORS_ORIGINS", "https://a.test,http://b.test:8080", { corsOrigins: ["https://a.test", "http://b.test:8080"] }],
  ["LOG_LEVEL", "silent", { logLevel: "silent" }],
  ["AUDIT_RETENTION", "30d", { auditRetentionSeconds: 2_592_000 }],
  ["LOG_CLIENT_ADDRESS", "on", { logClientAddress: true }],
];

test.each(good)("%s may be %s", (name, value, expected) => {
  expect(load({ [name]: value })).toMatchObject(expected);
});

test("an empty setting counts as absent", () => {
  expect(load(Object.fromEntries(settingNames.map((name) => [name, name === "JWT_SECRET" ? strong : ""])))).toEqual(
    load({}),
  );
});

test("WECHAT_SIMULATOR=on serves the configured apps, and WECHAT_API_URL goes with real ones", () => {
  expect(load({ WECHAT_APPS: "wxa:s", WECHAT_SIMULATOR: "on" }).wechat).toMatchObject({
    apps: [{ appId: "wxa", secret: "s" }],
    simulator: true,
  });
  expect(load({ WECHAT_APPS: "wxa:s", WECHAT_API_URL: "http://10.0.0.1/" }).wechat.apiUrl).toBe("http://10.0.0.1");
});

const bad: [name: string, value: string][] = [
  ["NODE_ENV", "prod"],
  ["PORT", "65536"],
  ["PORT", "-1"],
  ["PORT", "4000 "],
  ["PORT", "0x10"],
  ["PORT", "4e3"],
  ["PUBLIC_URL", "id.example.com"],
  ["PUBLIC_URL", "ftp://example.com"],
  ["PUBLIC_URL", "javascript:alert(1)"],
  ["DATABASE_POOL", "1"],
  ["DATABASE_POOL", "0"],
  ["DATABASE_POOL", "ten"],
  ["DATABASE_POOL", "1000"],
  ["DATABASE_WAIT", "2 minutes"],
  ["DATABASE_WAIT", "0s"],
  ["DATABASE_URL", "sqlite:"],
  ["DATABASE_URL", "users.db"],
  ["DATABASE_URL", "mysql://root:hunter22@db/users"],
  ["DATABASE_URL", "postgres:users"],
  ["DATABASE_URL", "postgresql://u:p@db:port/x"],
  ["DATABASE_URL", "postgresql://u:p@db/x?sslmod=require"],
  ["DATABASE_URL", "postgresql://u:p@db/x?sslmode=required"],
  ["DATABASE_URL", "postgresql://u:p@db/x?sslmode=require&connect_timeout=5"],
  ["DATABASE_URL", "postgresql://u:p@db/x?schema=public"],
  ["DATABASE_URL", "postgresql://u:p@db/x?ssl=false"],
  ["DATABASE_URL", "postgresql://u:p@db/x?sslrootcert=/nowhere/ca.crt"],
  ["JWT_SECRET", "a-short-s3cret"],
  ["JWT_SECRET", "abc".repeat(20)],
  ["JWT_SECRET", strong.slice(1)],
  ["JWT_SECRET", `${strong},`],
  ["JWT_SECRET", `${strong},a-short-s3cret`],
  ["INTROSPECTION_SECRET", "s3cret with spaces"],
  ["INTROSPECTION_SECRET", "s3cret,hunter22"],
  ["INTROSPECTION_SECRET", `${"s3cret".repeat(86)}`],
  ["JWT_KEYS", "/nowhere/s3cret.pem"],
  ["ACCESS_TOKEN_TTL", "2"],
  ["ACCESS_TOKEN_TTL", "0h"],
  ["ACCESS_TOKEN_TTL", "-2h"],
  ["ACCESS_TOKEN_TTL", "1.5h"],
  ["ACCESS_TOKEN_TTL", "2 h"],
  ["ACCESS_TOKEN_TTL", "2w"],
  ["ACCESS_TOKEN_TTL", "9999999d"],
  ["REFRESH_TOKEN_TTL", "forever"],
  ["SESSION_TTL", "180"],
  ["WECHAT_APPS", "wx1111111111111111"],
  ["WECHAT_APPS", "wxa:"],
  ["WECHAT_APPS", ":s"],
  ["WECHAT_APPS", "wxa:s,"],
  ["WECHAT_APPS", "wxa:s:t"],
  ["WECHAT_APPS", "wxa:s,wxa:t"],
  ["WECHAT_SIMULATOR", "true"],
  ["WECHAT_CONTENT_CHECK", "yes"],
  ["WECHAT_PUSH_TOKEN", "AA"],
  ["WECHAT_PUSH_TOKEN", "s3cret-s3cret"],
  ["WECHAT_PUSH_TOKEN", "A".repeat(33)],
  ["WECHAT_PUSH_AES_KEY", "s3cret"],
  ["WEBHOOK_URL", "crm.example.com"],
  ["WEBHOOK_URL", "ftp://crm.example.com"],
  ["WEBHOOK_SECRET", "s3cret"],
  ["EXPLORER", "on"],
  ["CORS_ORIGINS", "*"],
  ["CORS_ORIGINS", "example.com"],
  ["CORS_ORIGINS", "https://example.com/"],
  ["CORS_ORIGINS", "https://example.com,"],
  ["LOG_LEVEL", "verbose"],
  ["STORAGE_URL", "./avatars"],
  ["STORAGE_URL", "s3://bucket"],
  ["TRUST_PROXY", "everybody"],
  ["TRUST_PROXY", "10.0.0.0/99"],
  ["TRUST_PROXY", "0.0.0.0/0"],
  ["TRUST_PROXY", "10.0.0.0/8,::/0"],
  ["RATE_LIMIT", "yes"],
  ["RATE_LIMIT_LOGIN", "100/1m"],
  ["RATE_LIMIT_REFRESH", "0/1m,1/1m"],
  ["RATE_LIMIT_BIND_PHONE", "10,20"],
  ["RATE_LIMIT_UPLOAD", "many,more"],
  ["RATE_LIMIT_UPDATE_PROFILE", "1/1w,1/1w"],
  ["RATE_LIMIT_ACCOUNT", "30/1m;1200/1m"],
  ["REAUTHENTICATE", "yes"],
  ["OPERATOR_PAGE", "true"],
  ["METRICS", "true"],
  ["AUDIT_RETENTION", "0"],
  ["AUDIT_RETENTION", "400"],
  ["AUDIT_RETENTION", "forever"],
  ["LOG_CLIENT_ADDRESS", "yes"],
];

const whsec = `whsec_${Buffer.from(strong).toString("base64")}`;
const hook = { WEBHOOK_URL: "https://crm.example.com/hook/", WEBHOOK_SECRET: whsec };
const inProduction = { NODE_ENV: "production", WECHAT_APPS: apps };

test("events go to an address, signed with a secret or with two", () => {
  const key = Buffer.from(strong);
  expect(load(hook).webhook).toEqual({ url: hook.WEBHOOK_URL, keys: [key] });
  const two = `whsec_${Buffer.from(other).toString("base64")}, ${whsec}`;
  expect(load({ ...hook, WEBHOOK_SECRET: two }).webhook?.keys).toEqual([Buffer.from(other), key]);
  expect(load({}).webhook).toBeUndefined();
  for (const url of ["http://127.0.0.1:8080/hook", "http://[::1]/", "http://localhost:3000", "https://10.0.0.1/"]) {
    expect(faultsOf({ ...inProduction, ...hook, WEBHOOK_URL: url })).toEqual([]);
  }
  expect(faultsOf({ ...hook, WEBHOOK_URL: "http://crm.test/hook" })).toEqual([]);
});

test.each([
  ["an address without a secret", { WEBHOOK_URL: hook.WEBHOOK_URL }, ["WEBHOOK_SECRET"]],
  ["a secret without an address", { WEBHOOK_SECRET: whsec }, ["WEBHOOK_URL"]],
  ["http in production", { ...inProduction, ...hook, WEBHOOK_URL: "http://crm.example.com" }, ["WEBHOOK_URL"]],
  ["a password in the address", { ...hook, WEBHOOK_URL: "https://me:hunter22@crm.example.com" }, ["WEBHOOK_URL"]],
  ["a secret without its beginning", { ...hook, WEBHOOK_SECRET: whsec.slice(6) }, ["WEBHOOK_SECRET"]],
  ["a secret that is too short", { ...hook, WEBHOOK_SECRET: `whsec_${whsec.slice(6, 34)}` }, ["WEBHOOK_SECRET"]],
  ["a secret that is too long", { ...hook, WEBHOOK_SECRET: `whsec_${"abcabcd9".repeat(11)}` }, ["WEBHOOK_SECRET"]],
  ["a secret that is no base64", { ...hook, WEBHOOK_SECRET: `${whsec}!` }, ["WEBHOOK_SECRET"]],
  ["a secret of zeros", { ...hook, WEBHOOK_SECRET: `whsec_${"A".repeat(32)}` }, ["WEBHOOK_SECRET"]],
  ["three secrets", { ...hook, WEBHOOK_SECRET: [whsec, whsec, whsec].join(",") }, ["WEBHOOK_SECRET"]],
])("events may not go with %s", (_, env, names) => {
  expect(faultsOf(env)).toEqual(names);
});

const aesKey = "s3cretAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

test.each([
  [aesKey, [aesKey]],
  [`${aesKey}, ${aesKey.toLowerCase()}`, [aesKey, aesKey.toLowerCase()]],
])("of keys for messages there may be one or two: %s", (keys, pushAesKeys) => {
  expect(load({ WECHAT_PUSH_TOKEN: "AAAAA", WECHAT_PUSH_AES_KEY: keys }).wechat).toMatchObject({ pushAesKeys });
});

test.each([
  aesKey.slice(1),
  `${aesKey}A`,
  `${aesKey.slice(1)}=`,
  `${aesKey.slice(1)}-`,
  `${aesKey},`,
  `${aesKey},${aesKey},${aesKey}`,
])("a key for messages may not be %s", (keys) => {
  expect(faultsOf({ WECHAT_PUSH_TOKEN: "AAAAA", WECHAT_PUSH_AES_KEY: keys })).toEqual(["WECHAT_PUSH_AES_KEY"]);
});

test.each(bad)("%s may not be %s", (name, value) => {
  expect(faultsOf({ [name]: value })).toEqual([name]);
});

test.each([
  ["production needs an app", { NODE_ENV: "production" }, ["WECHAT_APPS"]],
  ["production needs a secret", { NODE_ENV: "production", WECHAT_APPS: apps, JWT_SECRET: "" }, ["JWT_SECRET"]],
  [
    "production has no simulator",
    { NODE_ENV: "production", WECHAT_APPS: apps, WECHAT_SIMULATOR: "on" },
    ["WECHAT_SIMULATOR"],
  ],
  ["without the simulator there must be an app", { WECHAT_SIMULATOR: "off" }, ["WECHAT_APPS"]],
  ["the simulator brings its own address", { WECHAT_API_URL: "http://10.0.0.1" }, ["WECHAT_API_URL"]],
  [
    "a key needs a token beside it",
    { WECHAT_PUSH_AES_KEY: "abcabc0123".repeat(4).concat("123") },
    ["WECHAT_PUSH_AES_KEY"],
  ],
  [
    "production needs a secret for introspection that can't be guessed",
    { NODE_ENV: "production", WECHAT_APPS: apps, INTROSPECTION_SECRET: "my-secret-token-please-change-0123456789" },
    ["INTROSPECTION_SECRET"],
  ],
  ["an address must be one", { WECHAT_APPS: apps, WECHAT_API_URL: "api.weixin.qq.com" }, ["WECHAT_API_URL"]],
])("%s", (_, env, names) => {
  expect(faultsOf(env)).toEqual(names);
});

test("all faults are named at once, those between settings too", () => {
  const faults = faultsOf({ NODE_ENV: "production", JWT_SECRET: "", PORT: "http", LOG_LEVEL: "loud" });
  expect(faults).toEqual(["PORT", "LOG_LEVEL", "JWT_SECRET", "WECHAT_APPS"]);
});

test("a secret is made once and kept, for nobody else to read", () => {
  const file = join(folder, "made/secret");
  const secret = loadConfig({}, file).jwtSecrets[0];
  expect(secret.length).toBeGreaterThanOrEqual(64);
  expect(readFileSync(file, "utf8")).toBe(secret);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(loadConfig({}, file).jwtSecrets).toEqual([secret]);
});

test("of two processes that make a secret at once, the second one takes what the first has made", () => {
  const file = join(folder, "raced");
  const { linkSync } = fs;
  vi.spyOn(fs, "linkSync").mockImplementation((draft, path) => {
    writeFileSync(path, strong);
    linkSync(draft, path);
  });
  syncBuiltinESMExports();
  expect(loadConfig({}, file).jwtSecrets).toEqual([strong]);
  vi.restoreAllMocks();
  syncBuiltinESMExports();
  expect(readdirSync(folder).filter((name) => name.startsWith("raced"))).toEqual(["raced"]);
});

test("a kept secret that is weak or can't be read is refused", () => {
  const weak = join(folder, "weak");
  writeFileSync(weak, "weak");
  expect(() => loadConfig({}, weak)).toThrow(/JWT_SECRET: .*too weak/);
  expect(() => loadConfig({}, join(weak, "secret"))).toThrow(/JWT_SECRET: not set, and none can be kept/);
});

test("every setting is tried with a wrong value, but the one that takes any", () => {
  const tried = new Set(bad.map(([name]) => name)).add("WECHAT_API_URL");
  expect(settingNames.filter((name) => !tried.has(name))).toEqual(["HOST"]);
});
