import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import helmet from "helmet";
import { describe, expect, test } from "vitest";
import { startScriptedWechat } from "../support/scripted-wechat.js";
import { startTestApp, type TestApp } from "../support/test-app.js";

const sandbox = "https://studio.apollographql.com";
const wechat = await startScriptedWechat();

const development = await startTestApp();
const production = await startTestApp({
  env: { NODE_ENV: "production", PUBLIC_URL: "https://api.wxpass.test", ...wechat.env },
});
const chosen = await startTestApp({
  env: { NODE_ENV: "production", CORS_ORIGINS: "https://admin.wxpass.test, https://shop.wxpass.test", ...wechat.env },
});

const json = { "content-type": "application/json" };
const post = async ({ url }: TestApp, headers: Record<string, string> = {}, body = '{"query":"{ __typename }"}') =>
  fetch(`${url}/graphql`, { method: "POST", headers: { ...json, ...headers }, body });

/** Asks, as a browser does, whether a page of this origin may send a request with a token. */
const askFor = ({ url }: TestApp, origin: string) =>
  fetch(`${url}/graphql`, {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization,content-type",
    },
  });

/** The headers that helmet sets, with a policy that lets a page do nothing. */
function headersOfHelmet(): Map<string, string> {
  const set = new Map<string, string>();
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  helmet({
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    strictTransportSecurity: { includeSubDomains: false },
  })(response.req, response, () => {});
  for (const [name, value] of Object.entries(response.getHeaders())) set.set(name, String(value));
  return set;
}

test("the security headers are those of helmet, and https is demanded where the server is reached by it", async () => {
  const expected = headersOfHelmet();
  expect(expected.size).toBeGreaterThan(10);
  const { headers } = await post(production);
  for (const [name, value] of expected) expect([name, headers.get(name)]).toEqual([name, value]);
  expect((await post(development)).headers.get("strict-transport-security")).toBeNull();
});

describe.each([
  ["an answer", (app: TestApp) => post(app)],
  ["an error", (app: TestApp) => post(app, {}, '{"query":"{ me { id } }"}')],
  ["a document that is none", (app: TestApp) => post(app, {}, '{"query":"{"}')],
  ["a body that is none", (app: TestApp) => post(app, {}, "{")],
  ["a request that Apollo refuses", (app: TestApp) => fetch(`${app.url}/graphql?query={a}`)],
  ["a wrong method", (app: TestApp) => fetch(`${app.url}/graphql`, { method: "PUT" })],
  ["an unknown address", (app: TestApp) => fetch(`${app.url}/nothing`)],
])("%s", (_, send) => {
  test.each([
    ["in development", development],
    ["in production", production],
  ])("%s tells browsers to keep their hands off, and caches to forget it", async (_, app) => {
    const { headers } = await send(app);
    expect(headers.get("content-security-policy")).toBe("default-src 'none';frame-ancestors 'none'");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("x-frame-options")).toBe("SAMEORIGIN");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("doesn't say what the server is made of", async () => {
    const { headers } = await send(production);
    expect(headers.get("x-powered-by")).toBeNull();
    expect(headers.get("server")).toBeNull();
  });
});

test("browsers are held to HTTPS where the public address is HTTPS, and only there", async () => {
  expect((await post(production)).headers.get("strict-transport-security")).toMatch(/^max-age=\d{7,}$/);
  expect((await post(development)).headers.get("strict-transport-security")).toBeNull();
  expect((await post(chosen)).headers.get("strict-transport-security")).toBeNull();
});

describe("a page may use the API", () => {
  test.each([
    ["in development if it is Apollo Sandbox", development, sandbox],
    ["in production if the settings name it", chosen, "https://admin.wxpass.test"],
    ["in production if the settings name it second", chosen, "https://shop.wxpass.test"],
  ])("%s", async (_, app, origin) => {
    const question = await askFor(app, origin);
    expect(question.status).toBe(204);
    expect(question.headers.get("access-control-allow-origin")).toBe(origin);
    expect(question.headers.get("access-control-allow-methods")).toBe("GET, POST");
    expect(question.headers.get("access-control-allow-headers")).toBe("authorization,content-type");
    expect(question.headers.get("access-control-max-age")).toBe("600");
    const answer = await post(app, { origin });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("access-control-allow-origin")).toBe(origin);
    expect(answer.headers.get("vary")?.toLowerCase()).toContain("origin");
    const refused = await post(app, { origin }, "{");
    expect([refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([400, origin]);
  });
});

describe("no page may use the API", () => {
  test.each([
    ["in development from elsewhere", development, "https://evil.test"],
    ["in development from a name that begins alike", development, `${sandbox}.evil.test`],
    ["in development from a name that ends alike", development, "https://evilstudio.apollographql.com"],
    ["in development over HTTP", development, "http://studio.apollographql.com"],
    ["in development from a file", development, "null"],
    ["in production, Sandbox included", production, sandbox],
    ["in production when the settings name another", chosen, sandbox],
  ])("%s", async (_, app, origin) => {
    const question = await askFor(app, origin);
    expect(question.headers.get("access-control-allow-origin")).toBeNull();
    expect((await post(app, { origin })).headers.get("access-control-allow-origin")).toBeNull();
  });

  test("with cookies or other credentials", async () => {
    const { headers } = await askFor(development, sandbox);
    expect(headers.get("access-control-allow-credentials")).toBeNull();
  });
});
