import { text } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";
import { beforeEach, expect, test } from "vitest";
import { startScriptedWechat } from "../support/scripted-wechat.js";
import { startTestApp } from "../support/test-app.js";

const wechat = await startScriptedWechat();
const app = await startTestApp({ env: { ...wechat.env, WECHAT_CONTENT_CHECK: "on" } });

/** The bodies of the checks that came, as they were on the wire. */
const bodies: string[] = [];

/** What the scripted WeChat says of a text. */
let judge: (content: string) => Promise<object>;

/** Milliseconds until it gives a server token. */
let tokenDelay = 0;

const verdict = (suggest: unknown, label: unknown = 100) => ({ errcode: 0, errmsg: "ok", result: { suggest, label } });

wechat.answer(async (response, request) => {
  const url = new URL(request.url ?? "/", "http://wechat.test");
  const send = (answer: object) => response.end(JSON.stringify(answer));
  if (url.pathname === "/sns/jscode2session") return send({ openid: `openid-${url.searchParams.get("js_code")}` });
  if (url.pathname === "/cgi-bin/stable_token") {
    await setTimeout(tokenDelay);
    return send({ access_token: "server-token-1", expires_in: 7_200 });
  }
  const body = await text(request);
  bodies.push(body);
  return send(await judge(JSON.parse(body).content));
});

beforeEach(() => {
  bodies.length = 0;
  judge = async () => verdict("pass");
  tokenDelay = 0;
});

const saved = async (token: string) => (await app.client.me(token)).data?.me;

test("a text travels as raw UTF-8, with its author's openid", async () => {
  const { token } = await app.client.signedIn("alice");
  await app.client.updateProfile(token, { nickname: "小艾 🦊" });
  expect(bodies).toEqual(['{"version":2,"scene":1,"openid":"openid-alice","content":"小艾 🦊"}']);
});

test("each text has a call of its own, and they run side by side", async () => {
  const { token } = await app.client.signedIn("bob");
  const all = Promise.withResolvers<void>();
  judge = async () => {
    if (bodies.length === 3) all.resolve();
    await all.promise;
    return verdict("pass");
  };
  const { outcome } = await app.client.updateProfile(token, { nickname: "one", signature: "two", address: "three" });
  expect(outcome).toBe("ok");
  expect(bodies.map((body) => JSON.parse(body).content).sort()).toEqual(["one", "three", "two"]);
});

test("what stays as it is, or is cleared, is not checked", async () => {
  const { token } = await app.client.signedIn("carol");
  await app.client.updateProfile(token, { nickname: "Carol", signature: "Hello", address: "Canton" });
  bodies.length = 0;
  const { outcome } = await app.client.updateProfile(token, {
    nickname: " Carol ",
    signature: null,
    address: "Guangzhou",
    birthday: "2000-01-31",
  });
  expect(outcome).toBe("ok");
  expect(bodies.map((body) => JSON.parse(body).content)).toEqual(["Guangzhou"]);
});

test("one risky text of several is enough", async () => {
  judge = async (content) => verdict(content === "bad" ? "risky" : "pass");
  const { token, user } = await app.client.signedIn("dave");
  const { errors } = await app.client.updateProfile(token, { nickname: "good", signature: "fine", address: "bad" });
  expect(errors[0]?.extensions).toMatchObject({ code: "CONTENT_REJECTED", field: "address" });
  expect(await saved(token)).toEqual(user);
});

test("a label may be text", async () => {
  judge = async () => verdict("review", "20001");
  const { token } = await app.client.signedIn("erin");
  expect((await app.client.updateProfile(token, { nickname: "Erin" })).outcome).toBe("ok");
  expect(app.logged.findLast(({ msg }) => msg.includes("review"))).toMatchObject({ label: 20001 });
});

test.each([
  ["errcode 0 alone", { errcode: 0, errmsg: "ok" }],
  ["a verdict that nobody knows", verdict("unsure")],
  ["a verdict of another type", { errcode: 0, result: "pass" }],
])("%s is no verdict, so the text is not saved", async (_, answer) => {
  judge = async () => answer;
  const { token, user } = await app.client.signedIn("fred");
  const { errors } = await app.client.updateProfile(token, { nickname: "Fred" });
  expect(errors[0]?.extensions).toMatchObject({ code: "WX_BUSY", field: "nickname" });
  expect(await saved(token)).toEqual(user);
});

test("whatever WeChat does, the answer comes in time, and nothing is saved after it", async () => {
  const { token, user } = await app.client.signedIn("gina");
  const slow = await startTestApp({
    env: { ...wechat.env, WECHAT_CONTENT_CHECK: "on", DATABASE_URL: app.databaseUrl },
  });
  tokenDelay = 3_000;
  const late = Promise.withResolvers<object>();
  judge = () => late.promise;
  const before = Date.now();
  const { errors } = await slow.client.updateProfile(token, { nickname: "Gina" });
  expect(Date.now() - before).toBeLessThan(7_000);
  expect(errors[0]?.extensions).toMatchObject({ code: "WX_BUSY", field: "nickname" });
  late.resolve(verdict("pass"));
  await slow.close();
  expect(await saved(token)).toEqual(user);
});
