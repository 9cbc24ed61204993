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
  [40003, "WX_MISCONFIGURED", "NEVER"],
  [40013, "WX_MISCONFIGURED", "NEVER"],
  [40029, "WX_CODE_INVALID", "NEW_CODE"],
  [40097, "WX_MISCONFIGURED", "NEVER"],
  [40125, "WX_MISCONFIGURED", "NEVER"],
  [40129, "WX_MISCONFIGURED", "NEVER"],
  [40163, "WX_CODE_INVALID", "NEW_CODE"],
  [40164, "WX_MISCONFIGURED", "NEVER"],
  [40226, "WX_USER_BLOCKED", "NEVER"],
  [40243, "WX_MISCONFIGURED", "NEVER"],
  [41002, "WX_MISCONFIGURED", "NEVER"],
  [41004, "WX_MISCONFIGURED", "NEVER"],
  [41008, "WX_CODE_INVALID", "NEW_CODE"],
  [42003, "WX_CODE_INVALID", "NEW_CODE"],
  [43002, "WX_MISCONFIGURED", "NEVER"],
  [43302, "WX_MISCONFIGURED", "NEVER"],
  [44002, "WX_MISCONFIGURED", "NEVER"],
  [45009, "WX_RATE_LIMITED", "LATER"],
  [45011, "WX_RATE_LIMITED", "LATER"],
  [45035, "WX_MISCONFIGURED", "NEVER"],
  [47001, "WX_MISCONFIGURED", "NEVER"],
  [48001, "WX_MISCONFIGURED", "NEVER"],
  [48004, "WX_MISCONFIGURED", "NEVER"],
  [50001, "WX_USER_BLOCKED", "NEVER"],
  [50002, "WX_MISCONFIGURED", "NEVER"],
  [50004, "WX_MISCONFIGURED", "NEVER"],
  [50007, "WX_MISCONFIGURED", "NEVER"],
  [61004, "WX_MISCONFIGURED", "NEVER"],
  [61007, "WX_MISCONFIGURED", "NEVER"],
  [61024, "WX_MISCONFIGURED", "NEVER"],
  [89501, "WX_MISCONFIGURED", "NEVER"],
  [89503, "WX_MISCONFIGURED", "NEVER"],
  [89506, "WX_MISCONFIGURED", "NEVER"],
  [89507, "WX_MISCONFIGURED", "NEVER"],
  // Faults of a server token: a new code can't help.
  [40001, "WX_BUSY", "LATER"],
  [40014, "WX_BUSY", "LATER"],
  [42001, "WX_BUSY", "LATER"],
  // Codes that nobody has documented here.
  [41001, "WX_BUSY", "LATER"],
  [99999, "WX_BUSY", "LATER"],
  [-80, "WX_BUSY", "LATER"],
  [1, "WX_BUSY", "LATER"],
] as const;

/** An operator has to look: our settings are refused, or WeChat says what nobody has foreseen. */
const needsOperator = (errcode: number, code: string) =>
  code === "WX_MISCONFIGURED" || [41001, 99999, -80, 1].includes(errcode);

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
      const alarming = needsOperator(errcode, code);
      expect(lines.filter(({ msg }) => msg === "WeChat refused")).toEqual([
        expect.objectContaining({
          level: alarming ? 50 : 40,
          requestId: answer.headers.get("x-request-id"),
          endpoint: "/sns/jscode2session",
          errcode,
          meaning: expect.stringMatching(/^.{10,}$/),
          rid,
        }),
      ]);
      expect(lines.find(({ msg }) => msg === "WeChat refused")?.["errmsg"]).toEqual(
        alarming ? expect.stringMatching(/^some words/) : undefined,
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

test("each meaning is its own, and what nobody knows is called that", () => {
  const meaningOf = (errcode: number) => new WechatRefusal(errcode, new Date()).meaning;
  expect(meaningOf(99999)).toBe(meaningOf(-80));
  expect(meaningOf(40125)).toContain("AppSecret is wrong");
  for (const [errcode] of table.slice(0, -4)) expect(meaningOf(errcode)).not.toBe(meaningOf(99999));
});

test.each([
  [40164, "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist", "203.0.113.7"],
  [40164, "invalid ip 2001:db8::7, not in whitelist", "2001:db8::7"],
  [61004, "access clientip is not registered requestIP: 203.0.113.7", "203.0.113.7"],
  [45035, "access clientip:203.0.113.7 is not registered", "203.0.113.7"],
  [89501, "ip:2001:db8::7.", "2001:db8::7"],
  [89503, "此次调用需要管理员确认(203.0.113.7)", "203.0.113.7"],
  [89506, "IP 203.0.113.7: refused", "203.0.113.7"],
  [89507, "bad cafe 1.2.3, 203.0.113.7", "203.0.113.7"],
])("%i logs which of our addresses is refused: %s", async (errcode, message, address) => {
  wechat.answerJson(refusal(errcode, message));
  const { lines } = await signIn();
  expect(lines).toContainEqual(expect.objectContaining({ level: 50, errcode, rid, address }));
});

test("an errmsg is logged without what we sent, and without what could be a secret", async () => {
  const sent = "wxscripted and a-code-that-nobody-logs";
  const secrets = `${appSecret} 13800138000 "quoted" alice@example.com`;
  wechat.answerJson(refusal(99999, `no sense in ${sent} ${secrets} wxscripted ${"x ".repeat(10_000)}`));
  const { lines } = await signIn();
  const errmsg = String(lines.find(({ msg }) => msg === "WeChat refused")?.["errmsg"]);
  expect(errmsg).toMatch(/^no sense in \[cut\] and \[cut\] \[cut\] \[cut\] \[cut\] \[cut\] \[cut\] x x /);
  expect(errmsg.length).toBeLessThanOrEqual(300);
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
