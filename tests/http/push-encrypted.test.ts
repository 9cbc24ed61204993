import { beforeEach, expect, test } from "vitest";
import { openidOf } from "../../src/wechat/simulator/people.js";
import { firstApp, type LoginData, secondApp } from "../support/client.js";
import {
  aesKey,
  lastAesKey,
  messageAbout,
  newNonce,
  type PushOptions,
  push,
  pushSealed,
  pushToken,
  type Sealing,
  seal,
  secondsOf,
  sign,
} from "../support/push.js";
import { startTestApp } from "../support/test-app.js";

const app = await startTestApp({
  env: { WECHAT_PUSH_TOKEN: pushToken, WECHAT_PUSH_AES_KEY: `${lastAesKey},${aesKey}` },
});
const { client } = app;

let alice: LoginData;

beforeEach(async () => {
  alice = await client.signedIn("alice");
  await client.updateProfile(alice.token, { nickname: "Alice", address: "Christ Church" });
});

const profile = async () => (await client.me(alice.token)).data?.me;

const revocation = (fields: object = {}) =>
  JSON.stringify(messageAbout("alice", "user_authorization_revoke", { RevokeInfo: "2", ...fields }));

const cancellation = () => JSON.stringify(messageAbout("alice", "user_authorization_cancellation"));

const refusal = { status: 403, text: expect.stringContaining("签名不正确或已过期") };

test.each([
  ["the present key", aesKey],
  ["the last key", lastAesKey],
])("a message under %s is obeyed", async (_, key) => {
  expect(await pushSealed(app, seal(revocation(), { key }))).toMatchObject({ status: 200, text: "success" });
  expect(await profile()).toMatchObject({ nickname: "Alice", address: null });
});

test("the address is set up in clear text, as ever", async () => {
  const query = new URLSearchParams({
    signature: "f464b24fc39322e44b38aa78f5edd27bd1441696",
    timestamp: "1714036504",
    nonce: "1514711492",
    echostr: "4375120948345356249",
  });
  const response = await fetch(`${app.url}/wechat/push?${query}`);
  expect(await response.text()).toBe("4375120948345356249");
});

/** The right number of bytes, of which only the last is right. */
function unlikePadding(missing: number): Uint8Array {
  const bytes = missing > 1 ? missing : 33;
  return Buffer.from([...Buffer.alloc(bytes - 1), Math.min(bytes, 32)]);
}

/** Whole blocks of AES, where WeChat pads to two of them. */
function aesPadding(missing: number): Uint8Array {
  const bytes = missing > 16 ? missing - 16 : missing + 16;
  return Buffer.alloc(bytes, bytes);
}

test.each<[string, Sealing]>([
  ["a padding of nothing", { pad: (missing) => Buffer.alloc(missing, 0) }],
  ["a padding that is too long", { pad: (missing) => Buffer.alloc(missing + 32, missing + 32) }],
  ["a padding of different bytes", { pad: unlikePadding }],
  ["a padding to a block of AES only", { pad: aesPadding }],
  ["a length beyond the end", { length: 4_000 }],
  ["the longest length there is", { length: 0xffff_ffff }],
  ["a length of nothing, which leaves it all to the app's id", { length: 0 }],
  ["a length that cuts a letter", { length: 100 }],
  ["an app that isn't ours", { appId: "wx00000000000000ff" }],
  ["an app and more", { appId: `${firstApp}0` }],
  ["no app", { appId: "" }],
  ["a key that nobody has", { key: "Z".repeat(42).concat("A") }],
])("what is encrypted with %s is refused without a word about why", async (_, sealing) => {
  expect(await pushSealed(app, seal(revocation(), sealing))).toMatchObject(refusal);
  expect(await profile()).toMatchObject({ nickname: "Alice", address: "Christ Church" });
});

const good = () => seal(cancellation());

test.each<[string, () => string]>([
  ["cut off in the middle of a block", () => good().slice(0, -8)],
  ["cut off by a block", () => Buffer.from(good(), "base64").subarray(0, -16).toString("base64")],
  ["cut off by two blocks", () => Buffer.from(good(), "base64").subarray(0, -32).toString("base64")],
  ["of its last two blocks alone", () => Buffer.from(good(), "base64").subarray(-32).toString("base64")],
  ["with more behind it", () => `${good()}AAAA`],
  ["with a space in it", () => `${good().slice(0, 8)} ${good().slice(8)}`],
  ["in base64url", () => `${good().replaceAll("+", "-").replaceAll("/", "_")}-`],
  ["of one letter", () => "A"],
  ["empty", () => ""],
  ["of other letters", () => "密文"],
])("what is encrypted and then %s is refused", async (_, encrypted) => {
  expect(await pushSealed(app, encrypted())).toMatchObject(refusal);
  expect(await profile()).toMatchObject({ nickname: "Alice", address: "Christ Church" });
});

test.each<[string, PushOptions]>([
  ["a wrong msg_signature", { query: { msg_signature: "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3" } }],
  ["an empty msg_signature", { query: { msg_signature: "" } }],
  ["a wrong signature of the address", { signature: "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3" }],
  ["an address of eleven minutes ago", { timestamp: String(Math.floor(Date.now() / 1_000) - 660) }],
])("a message with %s is refused", async (_, options) => {
  expect(await pushSealed(app, good(), options)).toMatchObject(refusal);
  expect(await profile()).toMatchObject({ nickname: "Alice", address: "Christ Church" });
});

test("a message without a msg_signature is refused", async () => {
  expect(await push(app, { Encrypt: good() })).toMatchObject(refusal);
  expect(await profile()).toMatchObject({ nickname: "Alice" });
});

test("the msg_signature of another message is refused, and one that has more than forty digits", async () => {
  const address = { timestamp: String(secondsOf(app)), nonce: newNonce() };
  const encrypted = good();
  const signatureOf = (text: string) => sign(pushToken, address.timestamp, address.nonce, text);
  for (const msg_signature of [signatureOf(seal(revocation())), `${signatureOf(encrypted)}zz`]) {
    expect(await pushSealed(app, encrypted, { ...address, query: { msg_signature } })).toMatchObject(refusal);
  }
  expect(await profile()).toMatchObject({ nickname: "Alice" });
});

test.each(["application/json", "text/xml"])(
  "fields in clear text count for nothing, called %s, with or without something encrypted",
  async (contentType) => {
    expect(await push(app, cancellation(), { contentType })).toMatchObject(refusal);
    expect(await push(app, "<xml><Event>user_info_modified</Event></xml>", { contentType })).toMatchObject(refusal);
    const fields: object = JSON.parse(cancellation());
    expect(await pushSealed(app, seal('{"Event":"debug_demo"}'), { fields, contentType })).toMatchObject({
      status: 200,
    });
    expect(await profile()).toMatchObject({ nickname: "Alice", address: "Christ Church" });
  },
);

test("in compatible mode what is encrypted is obeyed, whatever stands beside it", async () => {
  const fields: object = JSON.parse(cancellation());
  expect((await pushSealed(app, seal(revocation()), { fields })).text).toBe("success");
  expect(await profile()).toMatchObject({ nickname: "Alice", address: null });
});

test("a message that comes again, encrypted anew, does nothing", async () => {
  const message = revocation();
  await pushSealed(app, seal(message));
  await client.updateProfile(alice.token, { address: "Oxford" });
  expect((await pushSealed(app, seal(message))).text).toBe("success");
  expect((await pushSealed(app, seal(message, { key: lastAesKey }))).text).toBe("success");
  expect((await profile())?.address).toBe("Oxford");
});

test("the app that it is encrypted for tells whom an openid means", async () => {
  const message = revocation({ " AppID": undefined });
  await pushSealed(app, seal(message, { appId: secondApp }), { appid: firstApp });
  expect((await profile())?.address).toBe("Christ Church");
  const ofSecond = await client.signedIn("alice", { appId: secondApp });
  await client.updateProfile(ofSecond.token, { address: "Christ Church" });
  const openid = openidOf(secondApp, "alice");
  const event = { Event: "user_authorization_revoke", RevokeInfo: "2", OpenID: openid };
  await pushSealed(app, seal(JSON.stringify({ ...event, CreateTime: 1 }), { appId: firstApp }), { appid: secondApp });
  expect((await profile())?.address).toBe("Christ Church");
  await pushSealed(app, seal(JSON.stringify({ ...event, CreateTime: 2 }), { appId: secondApp }));
  expect((await profile())?.address).toBeNull();
});

test("one that names another app than it is encrypted for is about nobody", async () => {
  await pushSealed(app, seal(revocation({ " AppID": firstApp }), { appId: secondApp }));
  expect((await profile())?.address).toBe("Christ Church");
});

test("with timestamp and nonce exchanged it does nothing a month later, and an honest one that could be such is taken", async () => {
  const month = 30 * 86_400;
  const [now, later] = [secondsOf(app), secondsOf(app) + month];
  const encrypted = seal(revocation({ CreateTime: now }));
  const address = { timestamp: String(now), nonce: String(later) };
  expect((await pushSealed(app, encrypted, address)).text).toBe("success");
  app.advance(month * 1_000);
  alice = await client.signedIn("alice");
  await client.updateProfile(alice.token, { address: "Oxford" });
  expect(await pushSealed(app, encrypted, { timestamp: address.nonce, nonce: address.timestamp })).toMatchObject(
    refusal,
  );
  expect((await profile())?.address).toBe("Oxford");
  const honest = seal(revocation({ CreateTime: secondsOf(app) }));
  expect((await pushSealed(app, honest, { nonce: String(now) })).text).toBe("success");
  expect((await profile())?.address).toBeNull();
});

test("nor does one that is dated in times to come, so that it would be good for both of its addresses", async () => {
  const [now, later] = [secondsOf(app), secondsOf(app) + 86_400];
  const encrypted = seal(revocation({ CreateTime: later }));
  app.advance(60_000);
  const exchanged = { timestamp: String(secondsOf(app)), nonce: String(now) };
  expect(await pushSealed(app, encrypted, exchanged)).toMatchObject(refusal);
  expect((await profile())?.address).toBe("Christ Church");
});

test.each([
  ["plain", () => push(app, cancellation()), "choose the safe mode"],
  ["not decrypted", () => pushSealed(app, seal(cancellation(), { key: "Z".repeat(42).concat("A") })), "EncodingAESKey"],
  ["of another app", () => pushSealed(app, seal(cancellation(), { appId: "wxother" })), "WECHAT_APPS"],
])("the log tells the operator that a message is %s, and what to do", async (why, send, hint) => {
  await send();
  expect(app.logged.findLast((line) => line["why"] === why)).toMatchObject({
    level: 50,
    msg: expect.stringContaining(hint),
    requestId: expect.any(String),
  });
});

test("what is encrypted and can't be read is malformed", async () => {
  for (const text of ["", "{", "<xml>", "[]"]) {
    expect((await pushSealed(app, seal(text))).status).toBe(400);
  }
});
