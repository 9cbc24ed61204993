import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { keepSecret } from "../support/log-search.js";
import { startScriptedWechat } from "../support/scripted-wechat.js";
import { startTestApp } from "../support/test-app.js";

/*
 * What takes how long at most, told by a clock of the test's own: its timers go on when the test says so.
 */

/** A call that has reached WeChat, and waits for its answer. */
interface Held {
  path: string;
  answer(value: object): void;
}

const wechat = await startScriptedWechat();
let held: Held[] = [];
wechat.answer(async (response, request) => {
  const { pathname: path, searchParams } = new URL(request.url ?? "/", "http://wechat.test");
  const answer = (value: object) => response.end(JSON.stringify(value));
  await text(request);
  if (path === "/sns/jscode2session") return answer({ openid: `openid-${searchParams.get("js_code")}` });
  return held.push({ path, answer });
});

/** The next call that WeChat gets, which a test has to answer. */
async function nextCall(path: string): Promise<Held> {
  const call = await vi.waitUntil(() => held.shift());
  expect(call.path).toBe(path);
  return call;
}

beforeEach(() => {
  held = [];
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => vi.useRealTimers());

const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

keepSecret("a-server-token");
const token = { access_token: "a-server-token", expires_in: 7_200 };

test("a call that has to get a token first is done within the five seconds of any call", async () => {
  const app = await startTestApp({ env: wechat.env });
  const caller = await app.client.signedIn("alice");
  const binding = app.client.bindPhone(caller.token, "a-phone-code");
  const asking = await nextCall("/cgi-bin/stable_token");
  await pass(3_000);
  asking.answer(token);
  await nextCall("/wxa/business/getuserphonenumber");
  await pass(2_300);
  expect((await binding).outcome).toBe("WX_BUSY");
});

test("a check whose token goes stale at the last moment, and isn't renewed, is given up before the operation is", async () => {
  const app = await startTestApp({ env: { ...wechat.env, WECHAT_CONTENT_CHECK: "on" } });
  const caller = await app.client.signedIn("bob");
  const update = app.client.updateProfile(caller.token, { nickname: "Bob" });
  (await nextCall("/cgi-bin/stable_token")).answer(token);
  const check = await nextCall("/wxa/msg_sec_check");
  await pass(4_500);
  check.answer({ errcode: 40001 });
  await nextCall("/cgi-bin/stable_token");
  await pass(1_600);
  expect((await update).errors[0]?.extensions).toMatchObject({ code: "WX_BUSY", field: "nickname" });
});
