import { expect, test } from "vitest";
import { WechatRefusal } from "../../src/wechat/errcodes.js";
import { countRows } from "../support/accounts.js";
import { appSecret, startScriptedWechat } from "../support/scripted-wechat.js";
import { startTestApp } from "../support/test-app.js";

const wechat = await startScriptedWechat();
const app = await startTestApp({ env: wechat.env });
const { client, logged } = app;

const rid = "619c7771-0a02d499-79942718";
const refusal = (errcode: number | string, message = "some words") => ({
  errcode,
  errmsg: `${message}, rid: ${rid}`,
});
const success = { openid: "oErrcodeErrcodeErrcodeErrco0", session_key: "AAAAAAAAAAAAAAAAAAAAAA==" };

/** Answers one call after the other with these. */
function answerInTurn(...answers: object[]): void {
  const left = answers.values();
  wechat.answer((response) =>
    response.writeHead(200, { "content-type": "text/plain" }).end(JSON.stringify(left.next().value ?? null)),
  );
}

/** Signs in, and returns the answer with the calls and the log lines that it took. */
async function signIn() {
  const [calls, lines] = [wechat.calls.length, logged.length];
  const answer = await client.login("a-code-that-nobody-logs");
  return { answer, calls: wechat.calls.length - calls, lines: logged.slice(lines) };
}

const table = [
  [40001, "WX_MISCONFIGURED", "NEVER"],
  [40013, "WX_MISCONFIGURED", "NEVER"],
  [40029, "WX_CODE_INVALID", "NEW_CODE"],
  [40125, "WX_MISCONFIGURED", "NEVER"],
  [40163, "WX_CODE_INVALID", "NEW_CODE"],
  [40164, "WX_MISCONFIGURED", "NEVER"],
  [40226, "WX_USER_BLOCKED", "NEVER"],
  [40243, "WX_MISCONFIGURED", "NEVER"],
  [41002, "WX_MISCONFIGURED", "NEVER"],
  [41004, "WX_MISCONFIGURED", "NEVER"],
  [41008, "WX_CODE_INVALID", "NEW_CODE"],
  [45009, "WX_RATE_LIMITED", "LATER"],
  [45011, "WX_RATE_LIMITED", "LATER"],
  [48001, "WX_MISCONFIGURED", "NEVER"],
  // Codes that make no sense here, or that nobody has documented.
  [40097, "WX_BUSY", "NEW_CODE"],
  [99999, "WX_BUSY", "NEW_CODE"],
  [-80, "WX_BUSY", "NEW_CODE"],
  [1, "WX_BUSY", "NEW_CODE"],
] as const;

test.each(table)(
  "errcode %i is %s, retry %s, whether it comes as a number or as text",
  async (errcode, code, retry) => {
    for (const spelling of [errcode, String(errcode)]) {
      wechat.answerJson(refusal(spelling));
      const { answer, calls, lines } = await signIn();
      expect(answer).toMatchObject({ status: 200, outcome: code });
      expect(answer.errors[0]?.extensions.retry).toBe(retry);
      expect(answer.errors[0]?.extensions.retryAfter).toEqual(retry === "LATER" ? expect.any(Number) : undefined);
      expect(answer.text).not.toContain("some words");
      expect(calls).toBe(1);
      expect(lines).toContainEqual(
        expect.objectContaining({ level: code === "WX_MISCONFIGURED" ? 50 : 40, errcode, rid, msg: "WeChat refused" }),
      );
    }
    expect(await countRows(app)).toMatchObject({ users: 0 });
  },
);

test.each([
  [45011, "2026-03-01T12:00:00Z", 60],
  [45009, "2026-03-01T15:59:00Z", 60],
  [45009, "2026-03-01T16:00:00Z", 86_400],
  [45009, "2026-03-01T16:00:01.500Z", 86_399],
])("after %i at %s a client waits %i seconds", (errcode, now, seconds) => {
  expect(new WechatRefusal(errcode, new Date(now)).retryAfter).toBe(seconds);
});

test("an answer that holds an openid beside an errcode is still a refusal", async () => {
  wechat.answerJson({ ...success, ...refusal(40029) });
  expect((await signIn()).answer).toMatchObject({ outcome: "WX_CODE_INVALID", data: null });
});

test.each([0, "0"])("an errcode of %j is none", async (errcode) => {
  wechat.answerJson({ ...success, errcode, errmsg: "ok" });
  expect((await signIn()).answer).toMatchObject({ outcome: "ok" });
});

test.each([
  ["invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist", "203.0.113.7"],
  ["invalid ip 2001:db8::7, not in whitelist", "2001:db8::7"],
])("40164 logs which of our addresses is not on the list", async (message, address) => {
  wechat.answerJson(refusal(40164, message));
  const { lines } = await signIn();
  expect(lines).toContainEqual(expect.objectContaining({ level: 50, errcode: 40164, rid, address }));
});

test.each([
  ["without errmsg", { errcode: 40029 }],
  ["with errmsg null", { errcode: 40029, errmsg: null }],
  ["with an errmsg that is no text", { errcode: 40029, errmsg: { rid } }],
  ["with an errmsg that can't be made a text", { errcode: 40029, errmsg: { toString: 1 } }],
  ["with a rid that never ends", { errcode: 40029, errmsg: `rid: ${"x".repeat(10_000)}` }],
])("a refusal %s is understood", async (_, answer) => {
  wechat.answerJson(answer);
  const { answer: shown, lines } = await signIn();
  expect(shown).toMatchObject({ outcome: "WX_CODE_INVALID" });
  expect(JSON.stringify(lines).length).toBeLessThan(2_000);
});

test.each(["40029 ", "4e4", "", "forty", 40029.5, null, true, {}, [40029], 1e300])(
  "an errcode of %j makes no sense",
  async (errcode) => {
    wechat.answerJson({ ...success, errcode });
    expect((await signIn()).answer).toMatchObject({ status: 200, outcome: "WX_BUSY" });
  },
);

test("busy twice is busy", async () => {
  answerInTurn(refusal(-1), refusal("-1"));
  const before = performance.now();
  const { answer, calls } = await signIn();
  expect(answer).toMatchObject({ status: 200, outcome: "WX_BUSY" });
  expect(calls).toBe(2);
  expect(performance.now() - before).toBeGreaterThan(190);
});

test("busy, and then a code that is spent, needs a new code", async () => {
  answerInTurn(refusal(-1), refusal(40163));
  const { answer, calls } = await signIn();
  expect(answer).toMatchObject({ outcome: "WX_CODE_INVALID" });
  expect(calls).toBe(2);
});

test("busy at first, and then a login", async () => {
  answerInTurn(refusal(-1), success);
  const { answer, calls, lines } = await signIn();
  expect(answer).toMatchObject({ outcome: "ok" });
  expect(calls).toBe(2);
  expect(lines).toContainEqual(expect.objectContaining({ msg: "WeChat is busy, trying once more", rid }));
});

test("nothing of this logged the secret, the code or the openid", () => {
  const text = JSON.stringify(logged);
  for (const secret of [appSecret, "a-code-that-nobody-logs", success.openid]) expect(text).not.toContain(secret);
});
