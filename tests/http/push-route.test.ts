import { beforeEach, expect, test } from "vitest";
import { type LoginData, secondApp } from "../support/client.js";
import { messageAbout, type PushOptions, push, pushToken } from "../support/push.js";
import { startTestApp } from "../support/test-app.js";

const app = await startTestApp({ env: { WECHAT_PUSH_TOKEN: pushToken } });
const { client } = app;

/** WeChat's documented example of a signed address. */
const documented = {
  signature: "f464b24fc39322e44b38aa78f5edd27bd1441696",
  timestamp: "1714036504",
  nonce: "1514711492",
  echostr: "4375120948345356249",
};

const setUp = (query: Record<string, string>) => fetch(`${app.url}/wechat/push?${new URLSearchParams(query)}`);

let alice: LoginData;

beforeEach(async () => {
  alice = await client.signedIn("alice");
  await client.updateProfile(alice.token, { nickname: "Alice", address: "Christ Church" });
});

const profile = async () => (await client.me(alice.token)).data?.me;

test("setting the address up is answered with the text that WeChat sends", async () => {
  const response = await setUp(documented);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("text/plain; charset=utf-8");
  expect(await response.text()).toBe("4375120948345356249");
});

test("markup in that text stays text", async () => {
  const response = await setUp({ ...documented, echostr: "<script>alert(1)</script>" });
  expect(response.headers.get("content-type")).toBe("text/plain; charset=utf-8");
  expect(response.headers.get("x-content-type-options")).toBe("nosniff");
});

test.each<[string, Record<string, string>]>([
  ["another signature", { ...documented, signature: "f464b24fc39322e44b38aa78f5edd27bd1441697" }],
  ["a signature cut short", { ...documented, signature: "f464b24f" }],
  ["no signature", { timestamp: documented.timestamp, nonce: documented.nonce, echostr: "1" }],
  ["an empty signature", { ...documented, signature: "" }],
  ["another nonce", { ...documented, nonce: "1" }],
  ["nothing at all", {}],
])("setting up with %s is refused", async (_, query) => {
  const response = await setUp(query);
  expect(response.status).toBe(403);
  expect(await response.text()).not.toContain("4375120948345356249");
});

test.each<[string, PushOptions]>([
  ["a forged signature", { signature: documented.signature }],
  ["an empty signature", { signature: "" }],
  ["a right signature of two years ago", documented],
  ["a right signature of eleven minutes ago", { timestamp: String(Math.floor(Date.now() / 1_000) - 660) }],
  ["a right signature from the future", { timestamp: String(Math.floor(Date.now() / 1_000) + 660) }],
  ["a right signature without a time", { timestamp: "" }],
])("a message with %s is refused, and nothing is done", async (_, options) => {
  const message = messageAbout("alice", "user_authorization_cancellation");
  expect((await push(app, message, options)).status).toBe(403);
  expect(await profile()).toMatchObject({ nickname: "Alice", address: "Christ Church" });
});

test.each<[string, object | string]>([
  ["an event that nobody knows", { MsgType: "event", Event: "debug_demo", debug_str: "hello world" }],
  ["a text that somebody wrote", { MsgType: "text", Content: "hello", FromUserName: "oABC" }],
  ["an event about nobody here", messageAbout("nobody", "user_info_modified")],
  ["an event of another app", { ...messageAbout("alice", "user_info_modified"), " AppID": "wx00000000000000ff" }],
  ["an event that doesn't say about whom", { MsgType: "event", Event: "user_info_modified" }],
  ["a verdict that nobody waits for", { Event: "wxa_media_check", trace_id: "1-2", result: { suggest: "risky" } }],
  ["a permission that concerns nothing here", messageAbout("alice", "user_authorization_revoke", { RevokeInfo: "5" })],
  ["a permission without a number", messageAbout("alice", "user_authorization_revoke")],
])("%s is answered with success, and nothing is done", async (_, message) => {
  expect(await push(app, message)).toEqual({ status: 200, type: "text/plain; charset=utf-8", text: "success" });
  expect(await profile()).toMatchObject({ nickname: "Alice", address: "Christ Church" });
});

test.each(["text/xml", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-8"])(
  "JSON is understood when it is called %s",
  async (contentType) => {
    const message = messageAbout("alice", "user_authorization_revoke", { RevokeInfo: "2" });
    expect((await push(app, message, { contentType })).text).toBe("success");
    expect(await profile()).toMatchObject({ nickname: "Alice", address: null });
  },
);

test("keys are read whatever spaces are around them and however they are written", async () => {
  const { " OpenID": openid }: Record<string, unknown> = { ...messageAbout("alice", "") };
  const message = { "\tevent ": "user_authorization_revoke", " openid  ": ` ${openid}`, " revokeinfo": 2 };
  expect((await push(app, message)).text).toBe("success");
  expect(await profile()).toMatchObject({ nickname: "Alice", address: null });
});

test("control characters in people's text don't matter", async () => {
  const message = JSON.stringify(messageAbout("alice", "user_authorization_revoke", { RevokeInfo: "2", Note: "a@b" }));
  expect((await push(app, message.replace("a@b", "a\u0001\tb"))).text).toBe("success");
  expect((await profile())?.address).toBeNull();
});

test("without an app in the event, the address may name it", async () => {
  const message = messageAbout("alice", "user_authorization_revoke", { RevokeInfo: "2", " AppID": undefined });
  await push(app, message, { appid: secondApp });
  expect((await profile())?.address).toBe("Christ Church");
  await push(app, { ...message, CreateTime: 1 }, { appid: "wx0000000000000001" });
  expect((await profile())?.address).toBeNull();
});

test.each<[string, string, number, string]>([
  ["XML", "<xml><Event><![CDATA[user_info_modified]]></Event></xml>", 415, "JSON"],
  ["an encrypted body", '{"ToUserName":"gh_1","Encrypt":"bm90aGluZw=="}', 415, "明文模式"],
  ["no JSON", "{", 400, "消息格式有误"],
  ["an empty body", "", 400, "消息格式有误"],
  ["a list", "[]", 400, "消息格式有误"],
  ["an endless nest", `${'{"a":'.repeat(15_000)}1${"}".repeat(15_000)}`, 400, "消息格式有误"],
])("%s is refused with the reason, and logged", async (_, body, status, reason) => {
  const answer = await push(app, body);
  expect(answer.status).toBe(status);
  expect(answer.text).toContain(reason);
  expect(app.logged.findLast(({ msg }) => msg.startsWith("a message of WeChat's can't be read"))).toBeDefined();
});

test("when the database fails WeChat is told to try again", async () => {
  const broken = await startTestApp({ env: { WECHAT_PUSH_TOKEN: pushToken } });
  await broken.database.em.getConnection().execute("alter table handled_pushes rename to gone");
  const message = messageAbout("alice", "user_info_modified");
  expect((await push(broken, message)).status).toBe(500);
  await broken.database.em.getConnection().execute("alter table gone rename to handled_pushes");
  expect((await push(broken, message)).text).toBe("success");
});

test("without the setting there is no such address", async () => {
  const plain = await startTestApp();
  expect((await push(plain, messageAbout("alice", "user_info_modified"))).status).toBe(404);
  expect((await fetch(`${plain.url}/wechat/push?${new URLSearchParams(documented)}`)).status).toBe(404);
});
