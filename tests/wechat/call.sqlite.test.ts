import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { countRows } from "../support/accounts.js";
import { keepSecret } from "../support/log-search.js";
import { appSecret, startScriptedWechat } from "../support/scripted-wechat.js";
import { startTestApp } from "../support/test-app.js";

const wechat = await startScriptedWechat();
const app = await startTestApp({ env: wechat.env });

const openid = "oCallCallCallCallCallCallCal";
const sessionKey = "AAAAAAAAAAAAAAAAAAAAAA==";
keepSecret(openid);
const good = JSON.stringify({ openid, session_key: sessionKey });

type Behaviour = (response: ServerResponse) => unknown;

const say =
  (body: string | Buffer, status = 200, headers: Record<string, string> = {}): Behaviour =>
  (response) =>
    response.writeHead(status, { "content-type": "text/plain", ...headers }).end(body);

const withOpenid = (value: unknown) => say(JSON.stringify({ openid: value, session_key: sessionKey }));

/** Sends piece after piece, one a second, until nobody listens any more. */
function drip(response: ServerResponse, pieces: Iterable<string>): void {
  response.writeHead(200, { "content-type": "text/plain" });
  const left = pieces[Symbol.iterator]();
  const timer = setInterval(() => {
    const { value, done } = left.next();
    if (done) response.end();
    else response.write(value);
  }, 1_000);
  response.on("close", () => clearInterval(timer));
}

/** A login after 30 MB of space, which JSON allows: only who reads it all finds it. */
function flood(response: ServerResponse, status: number): void {
  const chunk = Buffer.alloc(1_000_000, " ");
  let left = 30;
  response.writeHead(status, { "content-type": "text/plain" });
  const send = () => {
    while (left-- > 0) if (!response.write(chunk)) return void response.once("drain", send);
    response.end(good);
  };
  send();
}

/** Answers that are none, by the code that asks for them. Each is asked for once, all at the same time. */
const nonsense: Record<string, Behaviour> = {
  silence: () => undefined,
  "headers and then silence": (response) => response.writeHead(200).flushHeaders(),
  "half an answer and then silence": (response) => response.writeHead(200).write(good.slice(0, 20)),
  "one byte a second": (response) => drip(response, good),
  "one byte a second with status 500": (response) => {
    response.statusCode = 500;
    drip(response, good);
  },
  "30 MB": (response) => flood(response, 200),
  "30 MB with status 500": (response) => flood(response, 500),
  "a gzip bomb": say(gzipSync(Buffer.concat([Buffer.alloc(30_000_000, " "), Buffer.from(good)])), 200, {
    "content-encoding": "gzip",
  }),
  "broken gzip": say("no gzip at all", 200, { "content-encoding": "gzip" }),
  "a reset": (response) => response.socket?.resetAndDestroy(),
  "a reset amid the answer": (response) => {
    response.writeHead(200, { "content-length": "1000" }).write(good);
    setImmediate(() => response.socket?.resetAndDestroy());
  },
  "an end amid the answer": (response) => {
    response.writeHead(200, { "content-length": "1000" }).write(good);
    setImmediate(() => response.socket?.destroy());
  },
  "no HTTP": (response) => response.socket?.end("hello\r\n\r\n"),
  HTML: say("<html><body>Maintenance</body></html>", 200, { "content-type": "text/html" }),
  "HTML as JSON": say("<html></html>", 200, { "content-type": "application/json" }),
  "status 500": say("<html>Bad Gateway</html>", 500),
  "status 500 with a login": say(good, 500),
  "status 404": say(good, 404),
  "status 201": say(good, 201),
  "status 204": say("", 204),
  "status 429": say(good, 429),
  "a redirect": say("", 302, { location: "/sns/jscode2session?js_code=elsewhere" }),
  "a redirect that keeps the method": say("", 307, { location: "/sns/jscode2session?js_code=elsewhere" }),
  "an empty body": say(""),
  "cut-off JSON": say(good.slice(0, -1)),
  "JSON and more": say(`${good}${good}`),
  null: say("null"),
  "a list": say("[]"),
  "a list with a login": say(`[${good}]`),
  "a text": say('"text"'),
  "a login as a text": say(JSON.stringify(good)),
  "a number": say("42"),
  true: say("true"),
  "an empty object": say("{}"),
  "UTF-16": say(Buffer.from(good, "utf16le")),
  "no openid": say(JSON.stringify({ session_key: sessionKey })),
  "an openid of null": withOpenid(null),
  "an openid that is a number": withOpenid(42),
  "an openid that is a list": withOpenid([openid]),
  "an openid that is an object": withOpenid({ openid }),
  "an empty openid": withOpenid(""),
  "a blank openid": withOpenid("      "),
  "a short openid": withOpenid("o"),
  "an over-long openid": withOpenid("o".repeat(65)),
  "an openid of several lines": withOpenid(`${openid}\n`),
  "an openid with a zero byte": withOpenid(`${openid}\u0000`),
  "an openid of other letters": withOpenid("用户的开放标识"),
  "an openid in another charset": say(Buffer.from(good.replace(openid, "oZürichZürich"), "latin1")),
  "a unionid that is a number": say(JSON.stringify({ openid, unionid: 42 })),
  "a unionid that is too long": say(JSON.stringify({ openid, unionid: "o".repeat(65) })),
};

/** Unusual answers that are logins nonetheless. */
const unusual: Record<string, Behaviour> = {
  "text/plain": say(good),
  "application/json": say(good, 200, { "content-type": "application/json" }),
  "no content type": (response) => response.end(good),
  "errcode 0": say(JSON.stringify({ openid, errcode: 0, errmsg: "ok" })),
  "no session_key": say(JSON.stringify({ openid })),
  "more fields than we know": say(JSON.stringify({ openid, session_key: 1, expires_in: {}, is_limit: [] })),
  "raw control characters": say(`{"openid":"${openid}","errmsg":"a\u0000b\nc\td\u001b"}`),
  "bytes of another charset in a field we don't read": say(
    Buffer.from(`{"openid":"${openid}","errmsg":"Zürich"}`, "latin1"),
  ),
  "space around it": say(`\r\n ${good}\n`),
  "a byte order mark": say(`\ufeff${good}`),
  gzip: say(gzipSync(good), 200, { "content-encoding": "gzip" }),
  "piece by piece": (response) => {
    for (const piece of good.match(/.{1,10}/g) ?? []) response.write(piece);
    response.end();
  },
};

const behaviours = { ...nonsense, ...unusual };
wechat.answer((response, request) => {
  const code = new URL(request.url ?? "", "http://wechat.test").searchParams.get("js_code") ?? "";
  return (behaviours[code] ?? say(good))(response);
});

async function timed(code: string) {
  const before = performance.now();
  const answer = await app.client.login(code);
  return { answer, seconds: (performance.now() - before) / 1_000 };
}

const gotAll = async (codes: string[]) =>
  new Map(await Promise.all(codes.map(async (code) => [code, await timed(code)] as const)));

const badResults = await gotAll(Object.keys(nonsense));
const rows = await countRows(app);
const goodResults = await gotAll(Object.keys(unusual));

const callsWith = (code: string) => wechat.calls.filter((call) => call.get("js_code") === code).length;

test.each(Object.keys(nonsense))("%s is answered WX_BUSY in time, and isn't asked for again", (code) => {
  const result = badResults.get(code);
  expect(result?.answer).toMatchObject({ status: 200, outcome: "WX_BUSY", data: null });
  expect(result?.answer.errors[0]?.extensions.retry).toBe("NEW_CODE");
  expect(result?.seconds).toBeLessThan(7);
  expect(callsWith(code)).toBe(1);
});

test("each of them left one line in the log, by which an operator sees it", () => {
  const lines = app.logged.filter((line) => line.msg === "WeChat gave no usable answer");
  expect(lines).toHaveLength(badResults.size);
  for (const line of lines) expect(line).toMatchObject({ endpoint: "/sns/jscode2session", fault: expect.any(String) });
  const requests = [...badResults.values()].map(({ answer }) => answer.headers.get("x-request-id"));
  expect(lines.map(({ requestId }) => requestId).sort()).toEqual(requests.sort());
});

test("none of that made a user", () => {
  expect(rows).toEqual({ users: 0, identities: 0, unionids: 0, sessions: 0 });
});

test("no redirect was followed", () => {
  expect(callsWith("elsewhere")).toBe(0);
});

test.each(Object.keys(unusual))("%s is a login", (code) => {
  expect(goodResults.get(code)?.answer).toMatchObject({ status: 200, outcome: "ok" });
});

test("silence costs the five seconds that a call has, and no more", () => {
  expect(badResults.get("silence")?.seconds).toBeGreaterThan(4.9);
});

test("no log line and no answer has the secret, a code, the openid or a query", () => {
  const answers = [...badResults.values()].map(({ answer }) => answer.text);
  const text = `${JSON.stringify(app.logged)}${answers.join()}`;
  for (const secret of [appSecret, "js_code", "jscode2session?", openid, sessionKey])
    expect(text).not.toContain(secret);
  for (const code of Object.keys(behaviours).filter((name) => name.length >= 16)) expect(text).not.toContain(code);
});
