import { expect, test } from "vitest";
import { disableUser } from "../support/accounts.js";
import { firstApp, secondApp } from "../support/client.js";
import { appSecret, startScriptedWechat } from "../support/scripted-wechat.js";
import { startTestApp } from "../support/test-app.js";

const app = await startTestApp();
const { client } = app;

const wechat = await startScriptedWechat();
wechat.answerJson({ openid: "oScriptedScriptedScripted000", session_key: "AAAAAAAAAAAAAAAAAAAAAA==" });
const twoApps = await startTestApp({
  env: { ...wechat.env, WECHAT_APPS: `wxone:${appSecret},wxtwo:another-secret-of-thirty-two-byte` },
});

test("the first sign-in makes an account, the next one finds it", async () => {
  const first = await client.signedIn("alice");
  const second = await client.signedIn("alice");
  expect(first.isNewUser).toBe(true);
  expect(second.isNewUser).toBe(false);
  expect(second.user.id).toBe(first.user.id);
  expect(second.token).not.toBe(first.token);
});

test("both tokens of two sign-ins work", async () => {
  const [here, there] = [await client.signedIn("alice"), await client.signedIn("alice")];
  expect((await client.me(here.token)).data?.me?.id).toBe(here.user.id);
  expect((await client.me(there.token)).data?.me?.id).toBe(here.user.id);
});

test("different people get different accounts", async () => {
  const alice = await client.signedIn("alice");
  const bob = await client.signedIn("bob");
  expect(bob.user.id).not.toBe(alice.user.id);
});

test("a new account has an empty profile", async () => {
  const { user } = await client.signedIn("newcomer");
  expect(user).toMatchObject({
    nickname: null,
    email: null,
    birthday: null,
    gender: null,
    address: null,
    signature: null,
  });
  expect(user.updatedAt).toBe(user.createdAt);
});

test("the token says when it expires", async () => {
  const before = app.now().getTime();
  const { expiresAt } = await client.signedIn("alice");
  const life = new Date(expiresAt).getTime() - before;
  expect(life).toBeGreaterThan(2 * 3_600_000 - 2_000);
  expect(life).toBeLessThanOrEqual(2 * 3_600_000 + 2_000);
});

test("the account's id is a UUIDv7, which tells nobody how many there are", async () => {
  const { user } = await client.signedIn("alice");
  expect(user.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("the same person in two apps is one user, joined by the unionid", async () => {
  const here = await client.signedIn("carol", { appId: firstApp });
  const there = await client.signedIn("carol", { appId: secondApp });
  expect(there.user.id).toBe(here.user.id);
  expect(there.isNewUser).toBe(false);
});

const referer = (appId: string, version = "0") => `https://servicewechat.com/${appId}/${version}/page-frame.html`;

test.each([
  ["the argument", { appId: "wxtwo" }, "wxtwo"],
  ["the argument before the Referer", { appId: "wxone", headers: { referer: referer("wxtwo") } }, "wxone"],
  ["the Referer", { headers: { referer: referer("wxtwo") } }, "wxtwo"],
  ["the Referer of the IDE", { headers: { referer: referer("wxtwo", "devtools") } }, "wxtwo"],
  ["nothing, so the first configured", {}, "wxone"],
  ["the Referer of an app of somebody else's, so the first", { headers: { referer: referer("wxother") } }, "wxone"],
  ["the Referer of another site, so the first", { headers: { referer: "https://evil.test/wxtwo/0/" } }, "wxone"],
])("the app is named by %s", async (_, options, appId) => {
  const secret = appId === "wxone" ? appSecret : "another-secret-of-thirty-two-byte";
  expect(await twoApps.client.login("a-code", options)).toMatchObject({ outcome: "ok" });
  expect(Object.fromEntries(wechat.calls.at(-1) ?? [])).toEqual({
    appid: appId,
    secret,
    js_code: "a-code",
    grant_type: "authorization_code",
  });
});

test("an appId of null is none", async () => {
  const query = `mutation { wxLogin(code: "a-code", appId: null) { isNewUser } }`;
  expect(await twoApps.client.request(query)).toMatchObject({ outcome: "ok" });
  expect(wechat.calls.at(-1)?.get("appid")).toBe("wxone");
});

test.each(["wxother", "", "WXONE", "wxone ", "wxone:x", "__proto__"])(
  "the appId %j is refused, and WeChat isn't asked",
  async (appId) => {
    const before = wechat.calls.length;
    const answer = await twoApps.client.login("a-code", { appId });
    expect(answer).toMatchObject({ status: 200, outcome: "BAD_USER_INPUT" });
    expect(answer.errors[0]?.extensions).toMatchObject({ field: "appId", retry: "NEVER" });
    expect(wechat.calls).toHaveLength(before);
  },
);

test.each([
  ["empty", ""],
  ["over-long", "x".repeat(257)],
  ["of several lines", "a-code\nb"],
  ["with a zero byte", "a-code\u0000"],
  ["with a C1 control character", "a-code\u0085"],
  ["with half a character", "a-code\ud83d"],
])("a code that is %s is refused, and WeChat isn't asked", async (_, code) => {
  const before = wechat.calls.length;
  const answer = await twoApps.client.login(code);
  expect(answer).toMatchObject({ status: 200, outcome: "BAD_USER_INPUT" });
  expect(answer.errors[0]?.extensions).toMatchObject({ field: "code", retry: "NEVER" });
  expect(wechat.calls).toHaveLength(before);
});

test.each(["Bearer garbage", "Bearer ", "Basic YWxpY2U6c2VjcmV0", "Bearer a.b.c", "nonsense"])(
  "the Authorization header %j doesn't hinder a sign-in",
  async (authorization) => {
    expect(await client.login("alice", { headers: { authorization } })).toMatchObject({ outcome: "ok" });
  },
);

test("a stale token doesn't hinder a sign-in", async () => {
  const { token } = await client.signedIn("dave");
  app.advance(3 * 3_600_000);
  expect(await client.me(token)).toMatchObject({ outcome: "UNAUTHENTICATED" });
  expect(await client.login("dave", { token })).toMatchObject({ outcome: "ok" });
});

test("a disabled user can't sign in any more, in no app, and the token stops working at once", async () => {
  const { token, user } = await client.signedIn("mallory");
  await disableUser(app, user.id);
  for (const answer of [
    await client.login("mallory"),
    await client.login("mallory", { appId: secondApp }),
    await client.me(token),
    await client.updateProfile(token, { nickname: "still here" }),
  ]) {
    expect(answer).toMatchObject({ status: 200, outcome: "USER_DISABLED" });
    expect(answer.errors[0]?.extensions.retry).toBe("NEVER");
  }
});
