import { expect, test } from "vitest";
import { openidOf, phoneOf, unionidOf } from "../../src/wechat/simulator/people.js";
import { firstApp, secondApp } from "../support/client.js";
import { keepSecret } from "../support/log-search.js";
import { startTestApp } from "../support/test-app.js";

const app = await startTestApp();
const secretOf = (appId: string) => appId.replace("wx", "").padStart(32, "0");

type Fields = Record<string, unknown>;

async function call(path: string, query: Record<string, string>, body?: string) {
  const response = await fetch(`${app.simulatorUrl}${path}?${new URLSearchParams(query)}`, {
    redirect: "manual",
    ...(body !== undefined && { method: "POST", body }),
  });
  const text = await response.text();
  const fields: Fields = text.startsWith("{") && text.endsWith("}") ? JSON.parse(text) : {};
  return { status: response.status, type: response.headers.get("content-type") ?? "", text, fields };
}

const exchange = (code: string, appId = firstApp) =>
  call("/sns/jscode2session", {
    appid: appId,
    secret: secretOf(appId),
    js_code: code,
    grant_type: "authorization_code",
  });

/** A one-time code as `wx.login` gives it to a person. */
async function loginCode(person: string, appId?: string): Promise<string> {
  const { fields } = await call("/simulator/login-code", { person, ...(appId && { appid: appId }) });
  const code = String(fields["code"]);
  keepSecret(code);
  return code;
}

const refusal = (errcode: number) => ({
  errcode,
  errmsg: expect.stringMatching(/^.+, rid: [0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}$/),
});

test("a login is answered as text/plain, with no errcode", async () => {
  const { status, type, fields } = await exchange(await loginCode("alice"));
  expect(status).toBe(200);
  expect(type).toBe("text/plain");
  expect(fields).toEqual({
    openid: openidOf(firstApp, "alice"),
    unionid: unionidOf("alice"),
    session_key: expect.stringMatching(/^[A-Za-z0-9+/]{22}==$/),
  });
  expect(fields["openid"]).toMatch(/^o[\w-]{27}$/);
});

test("a refusal is HTTP 200 and text/plain too, with a rid in its errmsg", async () => {
  const { status, type, fields } = await exchange("0123456789abcdef0123456789abcdef");
  expect(status).toBe(200);
  expect(type).toBe("text/plain");
  expect(fields).toEqual(refusal(40029));
});

test("a code looks like WeChat's and works once", async () => {
  const code = await loginCode("alice");
  expect(code).toMatch(/^[\da-zA-Z]{32}$/);
  expect((await exchange(code)).fields).toMatchObject({ openid: openidOf(firstApp, "alice") });
  expect((await exchange(code)).fields).toEqual(refusal(40163));
  expect((await exchange(code)).fields).toEqual(refusal(40163));
});

test("two codes of one person are both good, once each", async () => {
  const [one, two] = [await loginCode("bob"), await loginCode("bob")];
  expect(one).not.toBe(two);
  expect((await exchange(two)).fields).toMatchObject({ openid: openidOf(firstApp, "bob") });
  expect((await exchange(one)).fields).toMatchObject({ openid: openidOf(firstApp, "bob") });
});

test("a code lives for five minutes", async () => {
  const [early, late] = [await loginCode("carol"), await loginCode("carol")];
  app.advance(4 * 60_000);
  expect((await exchange(early)).fields).toMatchObject({ openid: openidOf(firstApp, "carol") });
  app.advance(60_000);
  expect((await exchange(late)).fields).toEqual(refusal(40029));
});

test("a code belongs to its app", async () => {
  const code = await loginCode("dave", secondApp);
  expect((await exchange(code, firstApp)).fields).toEqual(refusal(40029));
  expect((await exchange(code, secondApp)).fields).toMatchObject({
    openid: openidOf(secondApp, "dave"),
    unionid: unionidOf("dave"),
  });
});

test.each(["alice", "Alice", "爱丽丝", "a-b_c9", "x"])(
  "the name %s is a code that works again and again",
  async (name) => {
    for (let time = 0; time < 3; time++) {
      expect((await exchange(name)).fields).toMatchObject({ openid: openidOf(firstApp, name) });
    }
  },
);

test("the code that DevTools gives without an AppID works", async () => {
  expect((await exchange("the code is a mock one")).fields).toMatchObject({ openid: openidOf(firstApp, "devtools") });
});

test.each([
  "9lives",
  "alice smith",
  "a".repeat(29),
  "alice;",
  "errcode:",
  "errcode:x",
  "fault:unheard-of",
  "fault:toString",
])("the code %j is none", async (code) => {
  expect((await exchange(code)).fields).toEqual(refusal(40029));
});

test.each([-1, 40029, 40163, 40226, 45011, 45009, 40164, 12345])(
  "the code errcode:%i gets this errcode",
  async (errcode) => {
    expect((await exchange(`errcode:${errcode}`)).fields).toEqual(refusal(errcode));
  },
);

test("40164 names the address that isn't on the list", async () => {
  expect((await exchange("errcode:40164")).text).toContain("invalid ip 203.0.113.7");
});

const login = { appid: firstApp, secret: secretOf(firstApp), js_code: "alice" };

test.each([
  ["no appid", { ...login, appid: "" }, 41002],
  ["no secret", { ...login, secret: "" }, 41004],
  ["no code", { ...login, js_code: "" }, 41008],
  ["an unknown appid", { ...login, appid: "wxother" }, 40013],
  ["a wrong secret", { ...login, secret: "wrong" }, 40125],
  ["another app's secret", { ...login, secret: secretOf(secondApp) }, 40125],
])("%s is refused as WeChat does", async (_, query, errcode) => {
  expect((await call("/sns/jscode2session", query)).fields).toEqual(refusal(errcode));
});

test("the real client signs in with a one-time code, once", async () => {
  const code = await loginCode("erin");
  expect(await app.client.login(code)).toMatchObject({ outcome: "ok" });
  expect(await app.client.login(code)).toMatchObject({ outcome: "WX_CODE_INVALID" });
});

test.each(["/simulator/login-code", "/simulator/phone-code"])("%s refuses what is no person or app", async (path) => {
  expect((await call(path, {})).fields).toEqual(refusal(40097));
  expect((await call(path, { person: "no name" })).fields).toEqual(refusal(40097));
  expect((await call(path, { person: "alice", appid: "wxother" })).fields).toEqual(refusal(40097));
});

test("any other path is nothing", async () => {
  for (const path of ["/", "/sns/userinfo", "/toString", "/__proto__"]) expect((await call(path, {})).status).toBe(404);
});

test("phoneOf makes a number that nobody has", () => {
  expect(phoneOf("alice")).toMatch(/^199\d{8}$/);
});

test("a person's ids never change, so that an account of yesterday is found again", () => {
  const found = [openidOf("wx0000000000000001", "alice"), unionidOf("alice"), phoneOf("alice")];
  expect(found).toMatchInlineSnapshot(`
    [
      "oECs4oZLyUaLSCRQTfXvyI01pGhO",
      "oV__nKSHvEbDPrEAstze_JNmkHZ-",
      "19910039561",
    ]
  `);
});
