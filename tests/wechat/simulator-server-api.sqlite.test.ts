import { expect, test } from "vitest";
import { openidOf, phoneOf } from "../../src/wechat/simulator/people.js";
import { firstApp, secondApp } from "../support/client.js";
import { keepSecret } from "../support/log-search.js";
import { startTestApp } from "../support/test-app.js";

const app = await startTestApp();
const secretOf = (appId: string) => appId.replace("wx", "").padStart(32, "0");

async function get(path: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${app.simulatorUrl}${path}`);
  return JSON.parse(await response.text());
}

async function post(path: string, body: unknown): Promise<Record<string, unknown>> {
  const response = await fetch(`${app.simulatorUrl}${path}`, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toMatch(/^application\/json/);
  return JSON.parse(await response.text());
}

async function serverToken(appId = firstApp, more: object = {}) {
  const body = { grant_type: "client_credential", appid: appId, secret: secretOf(appId), ...more };
  const { access_token, expires_in } = await post("/cgi-bin/stable_token", body);
  keepSecret(String(access_token));
  return { token: String(access_token), expiresIn: Number(expires_in) };
}

test("stable_token gives the same token until it expires", async () => {
  const first = await serverToken();
  expect(first.token).toMatch(/^[\w-]{136}$/);
  expect(first.expiresIn).toBeGreaterThan(7_190);
  expect(first.expiresIn).toBeLessThanOrEqual(7_200);
  app.advance(7_000_000);
  const second = await serverToken();
  expect(second.token).toBe(first.token);
  expect(second.expiresIn).toBeLessThanOrEqual(200);
  app.advance(201_000);
  const third = await serverToken();
  expect(third.token).not.toBe(first.token);
  expect(third.expiresIn).toBeGreaterThan(7_190);
});

test("stable_token gives a new token when it is forced to, and each app its own", async () => {
  const first = await serverToken();
  const forced = await serverToken(firstApp, { force_refresh: true });
  expect(forced.token).not.toBe(first.token);
  expect((await serverToken()).token).toBe(forced.token);
  expect((await serverToken(secondApp)).token).not.toBe(forced.token);
});

test.each([
  ["a wrong secret", { secret: "wrong" }, 40125],
  ["an unknown appid", { appid: "wxother" }, 40013],
  ["no grant type", { grant_type: undefined }, 47001],
])("stable_token refuses %s", async (_, more, errcode) => {
  const body = { grant_type: "client_credential", appid: firstApp, secret: secretOf(firstApp), ...more };
  expect(await post("/cgi-bin/stable_token", body)).toMatchObject({ errcode });
});

async function phoneCode(person: string, more = ""): Promise<string> {
  const code = String((await get(`/simulator/phone-code?person=${person}${more}`))["code"]);
  keepSecret(code);
  return code;
}

const phoneOfCode = async (body: object, appId = firstApp) =>
  post(`/wxa/business/getuserphonenumber?access_token=${(await serverToken(appId)).token}`, body);

test("getuserphonenumber gives the number that a code vouches for, once, with a watermark", async () => {
  const code = await phoneCode("alice");
  const number = phoneOf("alice");
  keepSecret(number);
  expect(await phoneOfCode({ code, openid: openidOf(firstApp, "alice") })).toEqual({
    errcode: 0,
    errmsg: "ok",
    phone_info: {
      phoneNumber: number,
      purePhoneNumber: number,
      countryCode: "86",
      watermark: { timestamp: expect.any(Number), appid: firstApp },
    },
  });
  expect(await phoneOfCode({ code })).toMatchObject({ errcode: 40029 });
});

test("getuserphonenumber takes a number of one's choice, and a name for a code", async () => {
  const code = await phoneCode("bob", "&phone=13800138000");
  expect(await phoneOfCode({ code })).toMatchObject({ phone_info: { purePhoneNumber: "13800138000" } });
  expect(await phoneOfCode({ code: "bob" })).toMatchObject({ phone_info: { purePhoneNumber: phoneOf("bob") } });
  expect(await get("/simulator/phone-code?person=bob&phone=1")).toMatchObject({ errcode: 40097 });
});

test("getuserphonenumber refuses a code of somebody else, of another app, of wx.login and an old one", async () => {
  expect(await phoneOfCode({ code: await phoneCode("carol"), openid: openidOf(firstApp, "dave") })).toMatchObject({
    errcode: 40029,
  });
  expect(await phoneOfCode({ code: await phoneCode("carol") }, secondApp)).toMatchObject({ errcode: 40029 });
  const loginCode = String((await get("/simulator/login-code?person=carol"))["code"]);
  keepSecret(loginCode);
  expect(await phoneOfCode({ code: loginCode })).toMatchObject({ errcode: 40029 });
  const old = await phoneCode("carol");
  app.advance(5 * 60_000);
  expect(await phoneOfCode({ code: old })).toMatchObject({ errcode: 40029 });
});

test.each(["/wxa/business/getuserphonenumber", "/wxa/msg_sec_check"])(
  "%s needs a token that still lives",
  async (path) => {
    const { token } = await serverToken();
    expect(await post(path, {})).toMatchObject({ errcode: 41001 });
    expect(await post(`${path}?access_token=made-up`, {})).toMatchObject({ errcode: 40001 });
    expect(await post(`${path}?access_token=${token}`, {})).toMatchObject({ errcode: 47001 });
    expect(await post(`${path}?access_token=${token}`, "no JSON")).toMatchObject({ errcode: 47001 });
    app.advance(7_200_000);
    expect(await post(`${path}?access_token=${token}`, {})).toMatchObject({ errcode: 42001 });
  },
);

const check = async (content: string, write: (body: object) => string = JSON.stringify) =>
  post(
    `/wxa/msg_sec_check?access_token=${(await serverToken()).token}`,
    write({ version: 2, scene: 1, openid: openidOf(firstApp, "alice"), content }),
  );

test.each([
  ["爱丽丝", "pass", 100],
  ["a risky name", "risky", 20002],
  ["违规内容", "risky", 20002],
  ["please review", "review", 20002],
  ["可疑内容", "review", 20002],
])("msg_sec_check says of %s: %s", async (content, suggest, label) => {
  expect(await check(content)).toMatchObject({ errcode: 0, errmsg: "ok", result: { suggest, label } });
});

test("msg_sec_check sees nothing in a body of escapes", async () => {
  const escaped = (body: object) =>
    JSON.stringify(body).replace(/[^ -~]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);
  expect(await check("违规内容", escaped)).toMatchObject({ result: { suggest: "pass" } });
});

test("both fail as they are asked to", async () => {
  expect(await check("errcode:61010")).toMatchObject({ errcode: 61010 });
  expect(await phoneOfCode({ code: "errcode:45011" })).toMatchObject({ errcode: 45011 });
});
