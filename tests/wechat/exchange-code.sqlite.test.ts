import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { keepSecret } from "../support/log-search.js";
import { appSecret, startScriptedWechat } from "../support/scripted-wechat.js";
import { startTestApp } from "../support/test-app.js";

const wechat = await startScriptedWechat();
const app = await startTestApp({ env: { ...wechat.env, WECHAT_APPS: `wxone:${appSecret},wxtwo:${appSecret}` } });
const { client } = app;

const openid = "oExchangeExchangeExchangeExc";
keepSecret(openid);
const login = { openid, session_key: "AAAAAAAAAAAAAAAAAAAAAA==" };

test.each([
  "a&appid=evil#x",
  "a&appid=evil&secret=evil&js_code=evil",
  "a+b c%20d%",
  "a?b/../c\\d",
  "中文 😀",
  "a;b=c",
  "0a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P",
])("the code %j arrives whole", async (code) => {
  wechat.answerJson(login);
  expect(await client.login(code)).toMatchObject({ outcome: "ok" });
  const call = wechat.calls.at(-1);
  expect([...(call ?? [])]).toEqual([
    ["appid", "wxone"],
    ["secret", appSecret],
    ["js_code", code],
    ["grant_type", "authorization_code"],
  ]);
});

/** Holds WeChat's answers back until so many calls came, and the server has gone as far as it can without them. */
function holdAnswers(count: number) {
  const held: ServerResponse[] = [];
  const { promise: arrived, resolve } = Promise.withResolvers<void>();
  wechat.answer((response) => {
    if (held.push(response) === count) resolve();
  });
  return async (answer: object) => {
    await arrived;
    // These come after the logins, and so are answered after the logins have been read.
    await Promise.all(Array.from({ length: 20 }, () => client.me()));
    wechat.answerJson(answer);
    for (const response of held) response.end(JSON.stringify(answer));
  };
}

test("calls with the same code in flight share one request, and the next one after that makes a new one", async () => {
  const before = wechat.calls.length;
  const release = holdAnswers(1);
  const logins = Array.from({ length: 10 }, () => client.login("one-code-for-ten-logins"));
  await release(login);
  const answers = await Promise.all(logins);
  expect(new Set(answers.map(({ data }) => data?.wxLogin?.user.id)).size).toBe(1);
  expect(new Set(answers.map(({ data }) => data?.wxLogin?.token)).size).toBe(10);
  expect(wechat.calls).toHaveLength(before + 1);

  expect(await client.login("one-code-for-ten-logins")).toMatchObject({ outcome: "ok" });
  expect(wechat.calls).toHaveLength(before + 2);
});

test("the same code from two addresses at once is asked for by each, and WeChat lets it in once", async () => {
  const proxied = await startTestApp({ env: { ...wechat.env, TRUST_PROXY: "loopback" } });
  const from = (address: string) =>
    proxied.client.login("one-code-at-two-places", { headers: { "x-forwarded-for": address } });
  const held: ServerResponse[] = [];
  const { promise: bothCame, resolve } = Promise.withResolvers<void>();
  wechat.answer((response) => {
    if (held.push(response) === 2) resolve();
  });
  const logins = [from("203.0.113.1"), from("203.0.113.1"), from("203.0.113.2"), from("203.0.113.2")];
  await bothCame;
  await Promise.all(Array.from({ length: 20 }, () => proxied.client.me()));
  expect(held).toHaveLength(2);
  for (const [index, response] of held.entries()) {
    response.end(JSON.stringify(index === 0 ? login : { errcode: 40163, errmsg: "code been used" }));
  }
  const outcomes = (await Promise.all(logins)).map(({ outcome }) => outcome);
  expect(outcomes.sort()).toEqual(["WX_CODE_INVALID", "WX_CODE_INVALID", "ok", "ok"]);
});

test("another code, and the same code for another app, are requests of their own", async () => {
  const before = wechat.calls.length;
  const release = holdAnswers(3);
  const logins = [
    client.login("code-one", { appId: "wxone" }),
    client.login("code-one", { appId: "wxtwo" }),
    client.login("code-two", { appId: "wxone" }),
  ];
  await release(login);
  for (const answer of await Promise.all(logins)) expect(answer).toMatchObject({ outcome: "ok" });
  expect(wechat.calls).toHaveLength(before + 3);
});

test("a shared request that fails fails for all, and the next call makes a new one", async () => {
  const before = wechat.calls.length;
  const release = holdAnswers(1);
  const logins = Array.from({ length: 5 }, () => client.login("a-code-that-fails-at-first"));
  await release({ errcode: 45011, errmsg: "slower" });
  for (const answer of await Promise.all(logins)) expect(answer).toMatchObject({ outcome: "WX_RATE_LIMITED" });
  expect(wechat.calls).toHaveLength(before + 1);

  wechat.answerJson(login);
  expect(await client.login("a-code-that-fails-at-first")).toMatchObject({ outcome: "ok" });
});

test("the session_key reaches neither the client nor the database", async () => {
  wechat.answerJson({ openid, session_key: "c2Vzc2lvbi1rZXktb2YtYWxpY2U=" });
  const answer = await client.login("a-code");
  expect(answer.text).not.toContain("c2Vzc2lvbi1rZXktb2YtYWxpY2U=");
  for (const table of ["users", "identities", "unionids", "sessions"]) {
    const rows: unknown = await app.database.em.getConnection().execute(`select * from ${table}`);
    expect(JSON.stringify(rows)).not.toContain("c2Vzc2lvbi1rZXktb2YtYWxpY2U=");
  }
});
