import { beforeEach, expect, test } from "vitest";
import { Identity } from "../../src/auth/identity.js";
import { UsedPushAddress } from "../../src/privacy/handled-push.js";
import { openidOf } from "../../src/wechat/simulator/people.js";
import { firstApp, type LoginData, secondApp } from "../support/client.js";
import { messageAbout, newNonce, type PushOptions, push, pushToken, secondsOf, sign } from "../support/push.js";
import { whileRefused } from "../support/refusing.js";
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
  ["a signature and more", { ...documented, signature: `${documented.signature}zz` }],
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
  ["no time of ten digits", { timestamp: `0${Math.floor(Date.now() / 1_000)}` }],
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

test("where nobody names an app, the first one in which somebody has the openid is meant", async () => {
  const { token } = await app.client.signedIn("anton", { appId: secondApp });
  await app.client.updateProfile(token, { address: "Antwerp" });
  const openid = { " OpenID": openidOf(secondApp, "anton"), " AppID": undefined };
  await push(app, messageAbout("anton", "user_authorization_revoke", { RevokeInfo: "2", ...openid }));
  expect((await app.client.me(token)).data?.me?.address).toBeNull();
});

test("an event that names another app than the address is about its own", async () => {
  const message = messageAbout("alice", "user_authorization_revoke", { RevokeInfo: "2" });
  await push(app, message, { appid: secondApp });
  expect((await profile())?.address).toBeNull();
});

test.each<[string, string, number, string]>([
  ["an encrypted body", '{"ToUserName":"gh_1","Encrypt":"bm90aGluZw=="}', 415, "明文模式"],
  ["an encrypted body in XML", "<xml><Encrypt><![CDATA[bm90aGluZw==]]></Encrypt></xml>", 415, "WECHAT_PUSH_AES_KEY"],
  ["no XML", "<xml><Event>user_info_modified</xml>", 400, "消息格式有误"],
  ["XML with nothing in it", "<xml/>", 400, "消息格式有误"],
  ["XML with an entity of its own", '<!DOCTYPE x [<!ENTITY e "a">]><xml><Event>&e;</Event></xml>', 400, "消息格式有误"],
  ["an endless nest of XML", `${"<a>".repeat(14_000)}${"</a>".repeat(14_000)}`, 400, "消息格式有误"],
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

/** WeChat's XML. A number that an openid looks like keeps its zero. */
const xmlOf = (fields: object) =>
  `<xml>${Object.entries(fields)
    .map(([name, value]) => `<${name.trim()}><![CDATA[${value}]]></${name.trim()}>`)
    .join("\n")}</xml>`;

test.each(["text/xml", "application/json"])("XML is understood when it is called %s", async (contentType) => {
  const message = messageAbout("alice", "user_authorization_revoke", { RevokeInfo: "2", Note: "a]b\u0001\tc" });
  expect((await push(app, `\ufeff<?xml version="1.0"?>\n${xmlOf(message)}`, { contentType })).text).toBe("success");
  expect(await profile()).toMatchObject({ nickname: "Alice", address: null });
});

test("of an openid that looks like a number each digit counts", async () => {
  await client.updateProfile(alice.token, { nickname: "Zero", address: "Christ Church" });
  await setOpenid("0123456");
  const revocation = { Event: "user_authorization_revoke", AppID: firstApp, RevokeInfo: "2" };
  await push(app, xmlOf({ ...revocation, OpenID: "123456" }));
  expect((await profile())?.address).toBe("Christ Church");
  await push(app, xmlOf({ ...revocation, OpenID: "0123456" }));
  expect((await profile())?.address).toBeNull();
  await setOpenid(openidOf(firstApp, "alice"));
});

const setOpenid = (openid: string) =>
  app.database.em.fork().nativeUpdate(Identity, { user: alice.user.id, appId: firstApp }, { openid });

const cancellation = () => messageAbout("alice", "user_authorization_cancellation");

/** A message that asks nothing, with the signed address that somebody reads in a log. */
async function captured(nonce = newNonce()) {
  const timestamp = String(secondsOf(app));
  const address = { timestamp, nonce, signature: sign(pushToken, timestamp, nonce) };
  const message = { MsgType: "event", Event: "debug_demo", CreateTime: nonce };
  expect((await push(app, message, address)).status).toBe(200);
  return { address, message };
}

/** Tries to erase Alice by an address, and fails. */
async function expectRefused(address: PushOptions) {
  expect((await push(app, cancellation(), address)).status).toBe(403);
  expect(await profile()).toMatchObject({ nickname: "Alice" });
}

test("an address that was read is no use for another body, however its signature is spelled", async () => {
  const { address, message } = await captured();
  await expectRefused(address);
  await expectRefused({ ...address, signature: address.signature.toUpperCase() });
  await expectRefused({ ...address, signature: `${address.signature}00` });
  await expectRefused({ ...address, signature: `${address.signature}zz` });
  await expectRefused({ ...address, signature: ` ${address.signature}` });
  expect((await push(app, message, address)).text).toBe("success");
});

test("so it is if its body could not be read, or not be handled", async () => {
  const timestamp = String(secondsOf(app));
  for (const body of ["{", '{"Encrypt":"bm90aGluZw=="}']) {
    const nonce = newNonce();
    expect((await push(app, body, { timestamp, nonce })).status).toBeGreaterThanOrEqual(400);
    await expectRefused({ timestamp, nonce });
  }
});

test("of two bodies with one address at once, one is taken", async () => {
  const address = { timestamp: String(secondsOf(app)), nonce: newNonce() };
  const bodies = Array.from({ length: 10 }, (_, index) => ({ MsgType: "event", Event: "debug_demo", index }));
  const answers = await Promise.all(bodies.map((body) => push(app, body, address)));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(403)]);
});

test("an address is no good later with its nonce for a time", async () => {
  const thirtyDays = 30 * 86_400;
  const later = String(secondsOf(app) + thirtyDays);
  const { address } = await captured(later);
  app.advance(thirtyDays * 1_000);
  alice = await client.signedIn("alice");
  await client.updateProfile(alice.token, { nickname: "Alice" });
  await expectRefused({ ...address, timestamp: address.nonce, nonce: address.timestamp });
});

test("nor with a border between timestamp and nonce that has moved", async () => {
  const later = String(secondsOf(app) + 40 * 86_400);
  const { address } = await captured(`${later}${newNonce()}`);
  const joined = [address.timestamp, address.nonce].sort().join("");
  app.advance(40 * 86_400_000);
  alice = await client.signedIn("alice");
  await client.updateProfile(alice.token, { nickname: "Alice" });
  const start = joined.indexOf(later);
  await expectRefused({
    signature: address.signature,
    timestamp: later,
    nonce: joined.slice(0, start) + joined.slice(start + 10),
  });
});

test("a nonce that could be an earlier time is refused, and logged with the request's id", async () => {
  await expectRefused({ nonce: String(secondsOf(app) - 86_400) });
  expect(app.logged.findLast(({ why }) => why === "of two times")).toMatchObject({ requestId: expect.any(String) });
  expect((await push(app, { Event: "debug_demo" }, { nonce: "1514711492" })).status).toBe(200);
  expect((await push(app, { Event: "debug_demo" }, { nonce: "4294967295" })).status).toBe(200);
});

test("used addresses are forgotten when they are no good any more, and their rows are no use", async () => {
  const { address } = await captured();
  const rows = await app.database.em.fork().findAll(UsedPushAddress);
  expect(JSON.stringify(rows)).not.toContain(address.signature);
  app.advance(2 * 3_600_000);
  await captured();
  await expect.poll(() => app.database.em.fork().count(UsedPushAddress)).toBe(1);
});

test.each([
  ["a warning", "user_info_modified", {}],
  ["a withdrawal", "user_authorization_revoke", { RevokeInfo: "19" }],
  ["a cancellation", "user_authorization_cancellation", {}],
])(
  "when %s can't be noted nothing of it is done, WeChat is told to try again, and then it is done",
  async (_, event, fields) => {
    const broken = await startTestApp({ env: { WECHAT_PUSH_TOKEN: pushToken } });
    const { token } = await broken.client.signedIn("alice");
    await broken.client.updateProfile(token, { nickname: "Alice" });
    const nickname = async () => (await broken.client.me(token)).data?.me?.nickname;
    const message = messageAbout("alice", event, fields);
    await whileRefused(broken, "insert on handled_pushes", async () => {
      expect((await push(broken, message)).status).toBe(500);
      expect((await push(broken, message)).status).toBe(500);
    });
    expect(await nickname()).toBe("Alice");
    expect((await push(broken, message)).text).toBe("success");
    expect(await nickname()).not.toBe("Alice");
  },
);

test("without the setting there is no such address", async () => {
  const plain = await startTestApp();
  expect((await push(plain, messageAbout("alice", "user_info_modified"))).status).toBe(404);
  expect((await fetch(`${plain.url}/wechat/push?${new URLSearchParams(documented)}`)).status).toBe(404);
});
