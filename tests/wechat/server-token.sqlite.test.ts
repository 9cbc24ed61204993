import { text } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";
import { beforeEach, expect, test, vi } from "vitest";
import { keepSecret } from "../support/log-search.js";
import { startScriptedWechat } from "../support/scripted-wechat.js";
import { startTestApp } from "../support/test-app.js";

const wechat = await startScriptedWechat();

/** What the scripted WeChat says next of phone numbers. */
let phoneAnswer: (token: string | null) => object | Promise<object> = () => ({});
let tokensIssued = 0;
let lastBody = "";

/** What it says in place of a token. */
let tokenRefusal: object | undefined;

const phoneInfo = (fields: object = {}) => ({
  errcode: 0,
  phone_info: {
    phoneNumber: "13800138000",
    purePhoneNumber: "13800138000",
    countryCode: "86",
    watermark: { appid: "wxscripted", timestamp: 1 },
    ...fields,
  },
});

wechat.answer(async (response, request) => {
  lastBody = await text(request);
  const url = new URL(request.url ?? "/", "http://wechat.test");
  const send = (answer: object) => response.end(JSON.stringify(answer));
  if (url.pathname === "/sns/jscode2session") return send({ openid: `openid-${url.searchParams.get("js_code")}` });
  if (url.pathname === "/cgi-bin/stable_token") {
    tokensIssued++;
    if (tokenRefusal) return send(tokenRefusal);
    keepSecret(`server-token-${tokensIssued}`);
    return send({ access_token: `server-token-${tokensIssued}`, expires_in: 7_200 });
  }
  return send(await phoneAnswer(url.searchParams.get("access_token")));
});

const app = await startTestApp({ env: wechat.env });

/** The token of the test before has ended by now. */
beforeEach(() => {
  app.advance(3 * 3_600_000);
  tokensIssued = 0;
  tokenRefusal = undefined;
  phoneAnswer = () => phoneInfo();
});

const bind = async (person: string, code = `phone-code-${person}`) => {
  const { token } = await app.client.signedIn(person);
  return app.client.bindPhone(token, code);
};

test("two hundred first calls at once make one call for a token", async () => {
  const { token } = await app.client.signedIn("alice");
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, index) => app.client.bindPhone(token, `phone-code-${index}`)),
  );
  expect(answers.map(({ outcome }) => outcome)).toEqual(Array(200).fill("ok"));
  expect(tokensIssued).toBe(1);
});

test("a clock that was set back keeps no token beyond its life", async () => {
  await bind("alice");
  app.advance(-3_600_000);
  await bind("alice");
  app.advance(7_200_000);
  await bind("alice");
  expect(tokensIssued).toBe(3);
});

test("a token is renewed five minutes before it ends", async () => {
  await bind("alice");
  app.advance(7_200_000 - 5 * 60_000 - 10_000);
  await bind("alice");
  expect(tokensIssued).toBe(1);
  app.advance(20_000);
  await bind("alice");
  expect(tokensIssued).toBe(2);
});

test.each([40001, 40014, 42001])("errcode %i renews the token once and tries once more", async (errcode) => {
  phoneAnswer = (token) => (token === "server-token-1" ? { errcode, errmsg: "bad token" } : phoneInfo());
  expect((await bind("alice")).outcome).toBe("ok");
  expect(tokensIssued).toBe(2);
});

test("requests that find the same token stale renew it once together", async () => {
  phoneAnswer = (token) => (token === "server-token-1" ? { errcode: 40001 } : phoneInfo());
  const { token } = await app.client.signedIn("alice");
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => app.client.bindPhone(token, `phone-code-${index}`)),
  );
  expect(answers.map(({ outcome }) => outcome)).toEqual(Array(20).fill("ok"));
  expect(tokensIssued).toBe(2);
});

test.each([40001, 40014, 42001])(
  "a token that stays stale, with %i, is renewed once and then for later",
  async (errcode) => {
    phoneAnswer = () => ({ errcode, errmsg: "invalid credential" });
    const { outcome, errors, headers } = await bind("alice");
    expect(outcome).toBe("WX_BUSY");
    expect(errors[0]?.extensions).toMatchObject({ retry: "LATER", retryAfter: 60 });
    expect(tokensIssued).toBe(2);
    expect(app.logged.findLast(({ level }) => level === 50)).toMatchObject({
      msg: "WeChat refuses a token that it has just given",
      endpoint: "/wxa/business/getuserphonenumber",
      requestId: headers.get("x-request-id"),
    });
  },
);

test.each<[string, object, string, string]>([
  ["busy", { errcode: -1 }, "WX_BUSY", "LATER"],
  ["no token", { expires_in: 7_200 }, "WX_BUSY", "LATER"],
  ["a credential that isn't the latest", { errcode: 40001 }, "WX_BUSY", "LATER"],
  ["an errcode that nobody knows", { errcode: 99999 }, "WX_BUSY", "LATER"],
  ["a wrong secret", { errcode: 40125 }, "WX_MISCONFIGURED", "NEVER"],
])(
  "when WeChat answers %s instead of a token, a new code is not asked for, and the next call has a token",
  async (_, refusal, code, retry) => {
    tokenRefusal = refusal;
    const { token } = await app.client.signedIn("alice");
    const failed = await Promise.all(["phone-code-1", "phone-code-2"].map((each) => app.client.bindPhone(token, each)));
    for (const { outcome, errors } of failed) {
      expect(outcome).toBe(code);
      expect(errors[0]?.extensions.retry).toBe(retry);
      expect(errors[0]?.extensions.retryAfter).toEqual(retry === "LATER" ? expect.any(Number) : undefined);
    }
    tokenRefusal = undefined;
    expect((await bind("alice")).outcome).toBe("ok");
  },
);

test("a call with all its renewals keeps to one deadline", async () => {
  const { token } = await app.client.signedIn("alice");
  const late = Promise.withResolvers<object>();
  phoneAnswer = (given) => (given === "server-token-1" ? setTimeout(2_500, { errcode: 40001 }) : late.promise);
  const before = performance.now();
  expect((await app.client.bindPhone(token, "phone-code-1")).outcome).toBe("WX_BUSY");
  expect(performance.now() - before).toBeLessThan(6_500);
  late.resolve({});
});

test("the caller's openid goes with the code, in raw UTF-8", async () => {
  await bind("alice", "代码");
  expect(lastBody).toBe('{"code":"代码","openid":"openid-alice"}');
});

test.each([
  ["a countryCode that is a number", { countryCode: 86 }, "+8613800138000"],
  ["a number from abroad", { countryCode: "44", purePhoneNumber: "7400123456" }, "+447400123456"],
])("%s is understood", async (_, fields, expected) => {
  phoneAnswer = () => phoneInfo(fields);
  expect((await bind("alice")).data?.bindPhone?.phone).toBe(expected);
});

test.each([
  ["the watermark of another app", { watermark: { appid: "wxother", timestamp: 1 } }],
  ["no watermark", { watermark: undefined }],
  ["a number that is none", { purePhoneNumber: "12" }],
  ["text for a number", { purePhoneNumber: "call me" }],
  ["a missing country", { countryCode: null }],
])("%s is no usable answer, and nothing is bound", async (_, fields) => {
  phoneAnswer = () => phoneInfo(fields);
  const { token } = await app.client.signedIn("nobody-yet");
  expect((await app.client.bindPhone(token, "phone-code")).outcome).toBe("WX_BUSY");
  expect((await app.client.me(token)).data?.me?.phone).toBeNull();
});

test.each([
  [40029, "WX_CODE_INVALID"],
  [45011, "WX_RATE_LIMITED"],
  [40013, "WX_MISCONFIGURED"],
  [48001, "WX_MISCONFIGURED"],
  [47001, "WX_MISCONFIGURED"],
  [50001, "WX_USER_BLOCKED"],
  [99999, "WX_BUSY"],
])("errcode %i is answered with %s", async (errcode, code) => {
  phoneAnswer = () => ({ errcode, errmsg: "no" });
  expect((await bind("alice")).outcome).toBe(code);
});

test("a request that finds its token stale late, when another has renewed it, takes the new one", async () => {
  const { token } = await app.client.signedIn("alice");
  const late = Promise.withResolvers<void>();
  let calls = 0;
  phoneAnswer = async (given) => {
    if (given !== "server-token-1") return phoneInfo();
    if (++calls === 1) await late.promise;
    return { errcode: 40001 };
  };
  const first = app.client.bindPhone(token, "phone-code-1");
  await vi.waitUntil(() => calls === 1);
  expect((await app.client.bindPhone(token, "phone-code-2")).outcome).toBe("ok");
  late.resolve();
  expect((await first).outcome).toBe("ok");
  expect(tokensIssued).toBe(2);
});

test("two people who send one code at once are each asked about with their own openid", async () => {
  const tokens = [await app.client.signedIn("bob"), await app.client.signedIn("carol")].map(({ token }) => token);
  const openids: string[] = [];
  const both = Promise.withResolvers<void>();
  phoneAnswer = async () => {
    openids.push(JSON.parse(lastBody).openid);
    if (openids.length === 2) both.resolve();
    await both.promise;
    return { errcode: 40029 };
  };
  const answers = await Promise.all(tokens.map((token) => app.client.bindPhone(token, "one-phone-code")));
  expect(answers.map(({ outcome }) => outcome)).toEqual(["WX_CODE_INVALID", "WX_CODE_INVALID"]);
  expect(openids.sort()).toEqual(["openid-bob", "openid-carol"]);
});
