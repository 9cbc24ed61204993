import { beforeAll, beforeEach, expect, expectTypeOf, test } from "vitest";
import type { ErrorCode, WxpassError } from "../../../miniprogram/client/dist/wxpass.js";
import { errorKinds } from "../../../src/errors.js";
import { firstApp } from "../../support/client.js";
import { runClient } from "../../support/client-engine.js";
import { answering, failing, losing } from "../../support/fates.js";
import { createPhone, type Phone } from "../../support/phone.js";
import { startTestApp, type TestApp } from "../../support/test-app.js";

let app: TestApp;
let people = 0;
let phone: Phone;
let wxpass: ReturnType<typeof open>;

const open = (options = {}) => runClient(phone).createWxpass({ url: app.url, ...options });

beforeAll(async () => {
  app = await startTestApp();
});

beforeEach(() => {
  phone = createPhone(app, `unlucky${++people}`);
  wxpass = open();
});

const errorOf = (call: Promise<unknown>): Promise<WxpassError> =>
  call.then(
    () => Promise.reject(new Error("it succeeded")),
    (error) => {
      expect(runClient(phone).isWxpassError(error)).toBe(true);
      return error;
    },
  );

type ServerError = keyof typeof errorKinds;
type RequestError = "BAD_REQUEST" | "GRAPHQL_PARSE_FAILED" | "GRAPHQL_VALIDATION_FAILED";
type ClientError = "NETWORK_ERROR" | "TIMEOUT" | "INTERRUPTED" | "BAD_RESPONSE" | "LOGIN_FAILED";

test("the client's error codes are the server's, those of requests, and its own", () => {
  expectTypeOf<ErrorCode>().toEqualTypeOf<ServerError | RequestError | ClientError>();
});

test.each([
  ["request:fail timeout", "TIMEOUT"],
  ["request:fail errcode:-118 cronet_error_code:-118 error_msg:net::ERR_CONNECTION_TIMED_OUT", "TIMEOUT"],
  ["request:fail interrupted", "INTERRUPTED"],
  ["request:fail url not in domain list", "NETWORK_ERROR"],
  ["request:fail ", "NETWORK_ERROR"],
])("what WeChat calls %s is %s", async (errMsg, code) => {
  await wxpass.me();
  phone.next("UpdateProfile", failing(errMsg));
  const error = await errorOf(wxpass.updateProfile({}));
  expect(error).toMatchObject({ name: "WxpassError", code, retry: "LATER", detail: errMsg });
  expect(error.message).toMatch(/[一-鿿]/);
});

test.each(["request:fail timeout", "request:fail", "request:fail interrupted"])(
  "a mutation that ends with %s is not sent again, since it may have been done",
  async (errMsg) => {
    await wxpass.me();
    phone.operations();
    phone.next("UpdateProfile", losing(errMsg));
    await errorOf(wxpass.updateProfile({ nickname: "做了" }));
    expect(phone.operations()).toEqual(["UpdateProfile"]);
    expect(await wxpass.me()).toMatchObject({ nickname: "做了" });
  },
);

test("a query is sent once more if nothing came back, and only then", async () => {
  await wxpass.me();
  phone.operations();
  phone.next("Me", failing("request:fail"));
  expect(await wxpass.me()).toMatchObject({ nickname: null });
  phone.next("Me", failing("request:fail"), failing("request:fail"));
  expect((await errorOf(wxpass.me())).code).toBe("NETWORK_ERROR");
  phone.next("Me", failing("request:fail timeout"));
  expect((await errorOf(wxpass.me())).code).toBe("TIMEOUT");
  expect(phone.operations()).toEqual(["Me", "Me", "Me", "Me", "Me"]);
});

test.each([
  ["# mutation\n  { me { id } }", 2],
  ["query{me{id}}", 2],
  ["# query\nmutation { removeAvatar { id } }", 1],
  ["############################## mutation\nmutation M { removeAvatar { id } }", 1],
])("%j is sent %i times if nothing comes back", async (document, times) => {
  const urls: string[] = [];
  const client = open({
    platform: {
      request: ({ url, data, fail, ...options }: Parameters<typeof phone.wx.request>[0]) => {
        if (data.includes("wxLogin")) return phone.wx.request({ url, data, fail, ...options });
        urls.push(url);
        fail({ errMsg: "request:fail" });
      },
    },
  });
  await errorOf(client.request(document, {}));
  expect(urls).toHaveLength(times);
});

test("an error of the server's comes with everything that it says", async () => {
  const error = await errorOf(wxpass.updateProfile({ email: "nobody" }));
  expect(error).toMatchObject({ code: "BAD_USER_INPUT", retry: "NEVER", field: "email" });
  expect(error.requestId).toMatch(/^[\w-]{36}$/);
  expect(error.stack).toContain(error.message);
});

test("the language of messages can be chosen", async () => {
  const english = open({ language: "en" });
  expect((await errorOf(english.bindPhone("errcode:40029"))).message).toMatch(/^[ -~]+$/);
  phone.next("Me", failing("request:fail timeout"));
  expect((await errorOf(english.me())).message).toMatch(/^[ -~]+$/);
  expect(phone.sent.map(({ header }) => header["Accept-Language"])).toEqual(["en", "en", "en"]);
});

test.each([
  ["a gateway's page", answering(502, "<html>Bad Gateway</html>"), { code: "BAD_RESPONSE", retry: "LATER" }],
  ["a gateway that is told", answering(503, "", { "retry-After": "30" }), { code: "BAD_RESPONSE", retryAfter: 30 }],
  ["a wrong address", answering(404, "<html>Not Found</html>"), { code: "BAD_RESPONSE", retry: "NEVER" }],
  ["too many requests", answering(429, "", { "RETRY-AFTER": "7" }), { retry: "LATER", retryAfter: 7 }],
  ["a hotel's page", answering(200, "<html>Welcome</html>"), { code: "BAD_RESPONSE", detail: "HTTP 200" }],
  ["half an answer", answering(200, '{"data":{"value":{"id"'), { code: "BAD_RESPONSE" }],
  ["null", answering(200, "null"), { code: "BAD_RESPONSE" }],
  ["an answer of something else", answering(200, { errors: ["no"] }), { code: "BAD_RESPONSE" }],
  ["an id in a header", answering(500, "", { "X-Request-Id": "r1" }), { code: "BAD_RESPONSE", requestId: "r1" }],
  [
    "errors beside data",
    answering(200, { data: { value: { id: "1" } }, errors: [{ message: "halb", extensions: { code: "NEW" } }] }),
    { code: "NEW", message: "halb", retry: "LATER" },
  ],
  [
    "a refusal with a status",
    answering(400, '{"errors":[{"message":"no","extensions":{"code":"BAD_REQUEST"}}]}'),
    { code: "BAD_REQUEST", retry: "NEVER" },
  ],
  [
    "a server that is stopping",
    answering(503, { errors: [{ message: "重启", extensions: { code: "INTERNAL_SERVER_ERROR", retryAfter: 5 } }] }),
    { code: "INTERNAL_SERVER_ERROR", retry: "LATER", retryAfter: 5 },
  ],
])("%s becomes an error", async (_, fate, expected) => {
  await wxpass.me();
  phone.next("UpdateProfile", fate);
  expect(await errorOf(wxpass.updateProfile({}))).toMatchObject(expected);
});

test("text that WeChat didn't parse is parsed", async () => {
  await wxpass.me();
  phone.next("RemoveAvatar", answering(200, '{"data":{"value":{"id":"1"}}}'));
  expect(await wxpass.removeAvatar()).toEqual({ id: "1" });
});

test.each([{ code: 500, msg: "busy", data: {} }, { data: [] }, { data: { list: [] } }])(
  "%j, which a gateway made, is no answer",
  async (answer) => {
    phone.next("Login", answering(200, answer));
    expect((await errorOf(wxpass.me())).code).toBe("BAD_RESPONSE");
    await wxpass.me();
    phone.next("DeleteAccount", answering(200, answer));
    expect((await errorOf(wxpass.deleteAccount())).code).toBe("BAD_RESPONSE");
    expect(wxpass.signedIn).toBe(true);
  },
);

test("an operation that is none is the program's mistake", async () => {
  expect(await errorOf(wxpass.request("query { nobody }", {}))).toMatchObject({
    code: "GRAPHQL_VALIDATION_FAILED",
    retry: "NEVER",
  });
  expect((await errorOf(wxpass.request("query {", {}))).code).toBe("GRAPHQL_PARSE_FAILED");
});

test("wx.login that fails or gives no code is LOGIN_FAILED, and nothing is sent", async () => {
  phone.loginFault = "login:fail the login was aborted";
  expect(await errorOf(wxpass.me())).toMatchObject({ code: "LOGIN_FAILED", detail: phone.loginFault });
  phone.wx.login = ({ success }) => success({ code: "", errMsg: "login:ok" });
  expect((await errorOf(wxpass.me())).code).toBe("LOGIN_FAILED");
  expect(phone.operations()).toEqual([]);
});

test("a function that throws, says nothing or gives nothing is an error too", async () => {
  await wxpass.me();
  const { request } = phone.wx;
  phone.wx.request = () => {
    throw new Error("request is not a function today");
  };
  expect(await errorOf(wxpass.me())).toMatchObject({
    code: "NETWORK_ERROR",
    detail: "request is not a function today",
  });
  phone.wx.request = ({ success }) => Reflect.apply(success, undefined, []);
  expect((await errorOf(wxpass.removeAvatar())).code).toBe("NETWORK_ERROR");
  const asked = Promise.withResolvers<void>();
  phone.wx.request = () => asked.resolve();
  const hanging = errorOf(wxpass.me());
  await asked.promise;
  expect(phone.timers.size).toBe(1);
  for (const goOff of phone.timers.values()) goOff();
  expect((await hanging).code).toBe("TIMEOUT");
  phone.wx.request = request;
  expect(await wxpass.me()).toMatchObject({ nickname: null });
  expect(phone.timers.size).toBe(0);
});

test("a sign-in that hangs doesn't hold up the next one for ever", async () => {
  const { login } = phone.wx;
  const asked = Promise.withResolvers<void>();
  phone.wx.login = () => asked.resolve();
  const calls = [errorOf(wxpass.me()), errorOf(wxpass.login())];
  await asked.promise;
  for (const goOff of phone.timers.values()) goOff();
  expect((await Promise.all(calls)).map(({ code }) => code)).toEqual(["LOGIN_FAILED", "LOGIN_FAILED"]);
  phone.wx.login = login;
  expect(await wxpass.me()).toMatchObject({ nickname: null });
});

test("the server may go away and come back", async () => {
  const passing = await startTestApp();
  const client = runClient(createPhone(passing)).createWxpass({ url: passing.url });
  await client.me();
  await passing.close();
  expect((await errorOf(client.me())).code).toBe("NETWORK_ERROR");
  expect(client.signedIn).toBe(true);
  const { port } = new URL(passing.url);
  const back = await startTestApp({
    env: {
      DATABASE_URL: passing.databaseUrl,
      PORT: port,
      WECHAT_SIMULATOR: "off",
      WECHAT_APPS: `${firstApp}:a-secret-that-nobody-needs`,
    },
  });
  expect(await client.me()).toMatchObject({ nickname: null });
  await back.close();
});
