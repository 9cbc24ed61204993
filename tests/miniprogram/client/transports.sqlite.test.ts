import { beforeAll, beforeEach, expect, test } from "vitest";
import type { Platform } from "../../../miniprogram/client/dist/wxpass.js";
import { firstApp, secondApp } from "../../support/client.js";
import { compiledClient, runClient } from "../../support/client-engine.js";
import { answering, failing, holding } from "../../support/fates.js";
import { plain } from "../../support/images.js";
import { createPhone, type Phone } from "../../support/phone.js";
import { startTestApp, type TestApp } from "../../support/test-app.js";

const hour = 3_600_000;

let app: TestApp;
let people = 0;
let phone: Phone;

beforeAll(async () => {
  app = await startTestApp();
});

beforeEach(() => {
  phone = createPhone(app, `sender${++people}`);
});

const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => "ok",
    (error: { code: string }) => error.code,
  );

test("the header has what the server needs, and the token only where it belongs", async () => {
  const wxpass = runClient(phone).createWxpass({ url: app.url });
  await wxpass.me();
  const [login, me] = phone.sent;
  expect(login).toMatchObject({ url: `${app.url}/graphql`, header: { "Content-Type": "application/json" } });
  expect(login?.header).not.toHaveProperty("Authorization");
  expect(me?.header["Authorization"]).toMatch(/^Bearer [\w-]+\.[\w-]+\.[\w-]+$/);
});

test("the AppID goes along if it is given", async () => {
  const { createWxpass } = runClient(phone);
  await createWxpass({ url: app.url, appId: firstApp }).me();
  expect(phone.sent[0]?.variables).toEqual({ code: phone.codes[0], appId: firstApp });
  const other = createWxpass({ url: app.url, appId: secondApp, storageKey: "other" });
  expect(await codeOf(other.me())).toBe("WX_CODE_INVALID");
});

test("an avatar is uploaded, signing in first, and removed", async () => {
  const wxpass = runClient(phone).createWxpass({ url: app.url });
  phone.files.set("wxfile://tmp_1.png", await plain("red").png().toBuffer());
  const avatarUrl = await wxpass.uploadAvatar("wxfile://tmp_1.png");
  expect(avatarUrl).toMatch(/^http.*\.jpg$/);
  expect(await wxpass.me()).toMatchObject({ avatarUrl });
  expect(await wxpass.removeAvatar()).toMatchObject({ avatarUrl: null });
  expect(phone.operations()).toEqual(["Login", "upload", "Me", "RemoveAvatar"]);
});

test("an upload with an expired token is sent again with a new one", async () => {
  const wxpass = runClient(phone).createWxpass({ url: app.url });
  await wxpass.me();
  phone.operations();
  app.advance(2 * hour);
  phone.files.set("wxfile://tmp_2.png", await plain("blue").png().toBuffer());
  expect(await wxpass.uploadAvatar("wxfile://tmp_2.png")).toMatch(/\.jpg$/);
  expect(phone.operations()).toEqual(["upload", "Refresh", "upload"]);
});

test("what goes wrong with an upload is an error like any other", async () => {
  const wxpass = runClient(phone).createWxpass({ url: app.url });
  phone.files.set("wxfile://tmp_3.png", Buffer.from("no image"));
  expect(await codeOf(wxpass.uploadAvatar("wxfile://tmp_3.png"))).toBe("BAD_USER_INPUT");
  expect(await codeOf(wxpass.uploadAvatar("wxfile://gone.png"))).toBe("NETWORK_ERROR");
  phone.next("upload", answering(413, "<html>Request Entity Too Large</html>"), failing("uploadFile:fail timeout"));
  expect(await codeOf(wxpass.uploadAvatar("wxfile://tmp_3.png"))).toBe("BAD_RESPONSE");
  expect(await codeOf(wxpass.uploadAvatar("wxfile://tmp_3.png"))).toBe("TIMEOUT");
  phone.next("upload", answering(200, "{}"));
  expect(await codeOf(wxpass.uploadAvatar("wxfile://tmp_3.png"))).toBe("BAD_RESPONSE");
});

test("over WeChat Cloud Run everything works the same, and avatars go to the address", async () => {
  const { createWxpass, cloudTransport } = runClient(phone);
  const wxpass = createWxpass({ url: app.url, transport: cloudTransport({ env: "prod-1", service: "wxpass" }) });
  phone.wx.request = () => {
    throw new Error("nothing goes over wx.request");
  };
  await wxpass.updateProfile({ nickname: "云", address: undefined });
  app.advance(2 * hour);
  expect(await wxpass.me()).toMatchObject({ nickname: "云" });
  expect(phone.operations()).toEqual(["Login", "UpdateProfile", "Me", "Refresh", "Me"]);
  expect(phone.wx.cloud.containers[0]).toEqual({ config: { env: "prod-1" }, path: "/graphql", service: "wxpass" });
  phone.files.set("wxfile://tmp_4.png", await plain("green").png().toBuffer());
  expect(await wxpass.uploadAvatar("wxfile://tmp_4.png")).toMatch(/\.jpg$/);
  phone.next("UpdateProfile", failing("cloud.callContainer:fail timeout"));
  expect(await codeOf(wxpass.updateProfile({}))).toBe("TIMEOUT");
});

test("a transport of one's own may throw, or give nothing", async () => {
  const { createWxpass } = runClient(phone);
  const throwing = createWxpass({
    url: app.url,
    transport: {
      send() {
        throw new Error("no way");
      },
    },
  });
  expect(await codeOf(throwing.me())).toBe("NETWORK_ERROR");
});

test("a transport of one's own that gives no response is an error like any other", async () => {
  const { createWxpass, isWxpassError } = runClient(phone);
  const send = () => Promise.resolve(JSON.parse("null"));
  const error = await createWxpass({ url: app.url, transport: { send } })
    .me()
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "NETWORK_ERROR", detail: "no response" });
  expect(isWxpassError(error)).toBe(true);
});

/** Calls back and returns a promise as well, as Taro does. */
const promising = ({ wx }: Phone): Partial<Platform> => ({
  login: (options) =>
    new Promise((resolve, reject) => {
      wx.login({
        ...options,
        success: (result) => {
          options.success(result);
          resolve(result);
        },
        fail: (reason) => {
          options.fail(reason);
          reject(reason);
        },
      });
    }),
  request: (options) =>
    new Promise((resolve, reject) => {
      wx.request({
        ...options,
        success: (result) => {
          options.success(result);
          resolve(result);
        },
        fail: (reason) => {
          options.fail(reason);
          reject(reason);
        },
      });
    }),
});

test("functions that return a promise besides calling back are fine, also when they fail", async () => {
  const wxpass = runClient(phone).createWxpass({ url: app.url, platform: promising(phone) });
  await Promise.all([wxpass.me(), wxpass.me()]);
  phone.next("UpdateProfile", failing("request:fail"));
  expect(await codeOf(wxpass.updateProfile({}))).toBe("NETWORK_ERROR");
  phone.storage.clear();
  phone.loginFault = "login:fail";
  expect(await codeOf(wxpass.me())).toBe("LOGIN_FAILED");
  expect(phone.operations()).toEqual(["Login", "Me", "Me", "UpdateProfile"]);
});

test("functions that only return a promise are fine, and so are those whose promise says nothing", async () => {
  const { wx } = phone;
  const platform: Partial<Platform> = {
    login: () => new Promise((success, fail) => wx.login({ timeout: 0, success, fail })),
    request: async (options) => {
      wx.request(options);
    },
  };
  expect(await runClient(phone).createWxpass({ url: app.url, platform }).me()).toMatchObject({ nickname: null });
});

test("a function that promises the task of wx.request is fine", async () => {
  const { wx } = phone;
  const request: Platform["request"] = async (options) => wx.request(options);
  expect(await runClient(phone).createWxpass({ url: app.url, platform: { request } }).me()).toMatchObject({
    nickname: null,
  });
});

test("compiled to ES5, it signs in, renews, reports and signs out as well", async () => {
  const { createWxpass, isWxpassError } = runClient(phone, compiledClient);
  const wxpass = createWxpass({ url: app.url });
  const users = await Promise.all([wxpass.me(), wxpass.me(), wxpass.updateProfile({ nickname: "旧" })]);
  expect(users).toHaveLength(3);
  expect(phone.operations()).toEqual(["Login", "Me", "Me", "UpdateProfile"]);
  app.advance(2 * hour);
  const slow = holding();
  phone.next("Me", slow.fate);
  const late = codeOf(wxpass.me());
  await slow.done;
  expect(await wxpass.mySessions()).toHaveLength(1);
  phone.next("Me", failing("request:fail timeout"));
  const error = await wxpass.me().catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: "WxpassError", code: "TIMEOUT", retry: "LATER" });
  expect(isWxpassError(error)).toBe(true);
  await wxpass.logout();
  slow.release();
  expect(await late).toBe("UNAUTHENTICATED");
  expect(wxpass.signedIn).toBe(false);
});
