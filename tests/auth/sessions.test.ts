import { expect, test } from "vitest";
import { Session } from "../../src/auth/session.js";
import { type SessionData, secondApp } from "../support/client.js";
import { decode } from "../support/forged-token.js";
import { whileRefused } from "../support/refusing.js";
import { startTestApp } from "../support/test-app.js";

const app = await startTestApp();
const { client } = app;

const iPhone =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.49(0x18003137) NetType/WIFI Language/zh_CN";

async function sessionsOf(token: string): Promise<SessionData[]> {
  const query = "{ mySessions { id appId device isCurrent createdAt lastUsedAt expiresAt } }";
  const { data, text } = await client.request(query, { token });
  if (!data?.mySessions) throw new Error(`no sessions: ${text}`);
  return data.mySessions;
}

const revoke = (token: string, id: string) =>
  client.request("mutation Revoke($id: ID!) { revokeSession(id: $id) }", { token, variables: { id } });

test("mySessions shows each device, the newest first, and which one is this", async () => {
  const phone = await client.signedIn("alice", { headers: { "user-agent": iPhone } });
  app.advance(1_000);
  const other = await client.signedIn("alice");
  const sessions = await sessionsOf(phone.token);
  expect(sessions.map(({ device, isCurrent }) => ({ device, isCurrent }))).toEqual([
    { device: null, isCurrent: false },
    { device: "iPhone, iOS 17.5, WeChat 8.0.49", isCurrent: true },
  ]);
  expect((await sessionsOf(other.token)).map(({ isCurrent }) => isCurrent)).toEqual([true, false]);
});

test("lastUsedAt moves with each refresh", async () => {
  const { refreshToken, token } = await client.signedIn("bob");
  const [before] = await sessionsOf(token);
  app.advance(60_000);
  await client.refresh(refreshToken);
  const [after] = await sessionsOf(token);
  expect(after?.createdAt).toBe(before?.createdAt);
  expect(Date.parse(after?.lastUsedAt ?? "")).toBeGreaterThan(Date.parse(before?.lastUsedAt ?? ""));
});

test("logout ends this session and no other", async () => {
  const here = await client.signedIn("carol");
  const there = await client.signedIn("carol");
  expect((await client.request("mutation { logout }", { token: here.token })).data?.logout).toBe(true);
  expect((await client.me(here.token)).outcome).toBe("UNAUTHENTICATED");
  expect((await client.refresh(here.refreshToken)).outcome).toBe("REFRESH_TOKEN_INVALID");
  expect((await client.me(there.token)).outcome).toBe("ok");
});

test("logoutEverywhere ends all sessions of the caller and nobody else's", async () => {
  const tokens = [];
  for (let i = 0; i < 3; i++) tokens.push((await client.signedIn("dave")).token);
  const bystander = await client.signedIn("erin");
  const { data } = await client.request("mutation { logoutEverywhere }", { token: tokens[0] ?? "" });
  expect(data?.logoutEverywhere).toBe(3);
  for (const token of tokens) expect((await client.me(token)).outcome).toBe("UNAUTHENTICATED");
  expect((await client.me(bystander.token)).outcome).toBe("ok");
});

test("revokeSession ends the session that it names", async () => {
  const here = await client.signedIn("frank");
  const there = await client.signedIn("frank");
  const other = (await sessionsOf(here.token)).find(({ isCurrent }) => !isCurrent);
  expect((await revoke(here.token, other?.id ?? "")).data?.revokeSession).toBe(true);
  expect((await client.me(there.token)).outcome).toBe("UNAUTHENTICATED");
  expect((await revoke(here.token, other?.id ?? "")).data?.revokeSession).toBe(false);
});

test("nobody can revoke another's session, or one that is no id", async () => {
  const mine = await client.signedIn("grace");
  const theirs = await client.signedIn("heidi");
  const [target] = await sessionsOf(theirs.token);
  expect((await revoke(mine.token, target?.id ?? "")).data?.revokeSession).toBe(false);
  expect((await revoke(mine.token, "' or 1=1 --")).data?.revokeSession).toBe(false);
  expect((await client.me(theirs.token)).outcome).toBe("ok");
});

test.each([
  "{ mySessions { id } }",
  "mutation { logout }",
  "mutation { logoutEverywhere }",
  'mutation { revokeSession(id: "x") }',
])("%s needs a token", async (query) => {
  expect((await client.request(query)).outcome).toBe("UNAUTHENTICATED");
});

test("a user has at most ten sessions; the oldest ends", async () => {
  const logins = [];
  for (let i = 0; i < 12; i++) {
    app.advance(10);
    logins.push(await client.signedIn("ivan"));
  }
  const outcomes = await Promise.all(logins.map(async ({ token }) => (await client.me(token)).outcome));
  expect(outcomes).toEqual([...Array(2).fill("UNAUTHENTICATED"), ...Array(10).fill("ok")]);
});

test("thirty sign-ins at once leave ten sessions", async () => {
  await client.signedIn("judy");
  const logins = await Promise.all(Array.from({ length: 30 }, () => client.signedIn("judy")));
  const outcomes = await Promise.all(logins.map(async ({ token }) => (await client.me(token)).outcome));
  expect(outcomes.filter((outcome) => outcome === "ok")).toHaveLength(10);
});

test("dead sessions are cleared away behind later sign-ins", async () => {
  const own = await startTestApp({ env: { REFRESH_TOKEN_TTL: "1d" } });
  for (const person of ["kim", "lee", "max"]) await own.client.signedIn(person);
  own.advance(2 * 86_400_000);
  await own.client.signedIn("nina");
  await expect
    .poll(async () => (await own.database.em.fork().getConnection().execute("select id from sessions")).length)
    .toBe(1);
});

test("revokeSession takes an id in capitals for the same", async () => {
  const here = await client.signedIn("cora");
  const { payload } = decode((await client.signedIn("cora")).token);
  const id = String(payload["sid"]).toUpperCase();
  expect((await revoke(here.token, id)).data?.revokeSession).toBe(true);
  expect((await revoke(here.token, id)).data?.revokeSession).toBe(false);
});

test("with the clock an hour back, whoever signs in with ten sessions gets one that stands, and keeps it at the next sign-in", async () => {
  const own = await startTestApp();
  for (let count = 0; count < 10; count++) await own.client.signedIn("alice");
  own.advance(-3_600_000);
  const tokens: string[] = [];
  for (let count = 0; count < 10; count++) tokens.push((await own.client.signedIn("alice")).token);
  for (const token of tokens) expect((await own.client.me(token)).outcome).toBe("ok");
});

test("with the clock an hour back, a used refresh token that comes again ends the session", async () => {
  const own = await startTestApp();
  const { refreshToken } = await own.client.signedIn("alice");
  const next = (await own.client.refresh(refreshToken)).data?.refreshToken;
  own.advance(-3_600_000);
  expect((await own.client.refresh(refreshToken)).outcome).toBe("REFRESH_TOKEN_INVALID");
  expect((await own.client.refresh(next?.refreshToken ?? "")).outcome).toBe("REFRESH_TOKEN_INVALID");
  expect(own.logged.filter(({ msg }) => msg.includes("used refresh token"))).toHaveLength(1);
});

test("with the clock an hour back, dead sessions are still cleared away", async () => {
  const own = await startTestApp({ env: { REFRESH_TOKEN_TTL: "10m" } });
  await own.client.signedIn("alice");
  own.advance(-3_600_000);
  await own.client.signedIn("bob");
  own.advance(11 * 60_000);
  await own.client.me();
  const dead = () => own.database.em.fork().count(Session, { expiresAt: { $lt: own.now() } });
  await expect.poll(dead).toBe(0);
});

test("a sign-in stands though the oldest sessions can't be ended, and the next one makes up for it", async () => {
  const { user } = await client.signedIn("olga");
  for (let count = 0; count < 9; count++) await client.signedIn("olga");
  const { token } = await whileRefused(app, "delete on sessions", () => client.signedIn("olga"));
  expect((await client.me(token)).outcome).toBe("ok");
  expect(await sessionsOf(token)).toHaveLength(11);
  const line = app.logged.findLast(
    ({ msg }) => msg === "ending a user's oldest sessions or noting the day of a sign-in failed",
  );
  expect(line).toMatchObject({ userId: user.id, requestId: expect.any(String) });
  await client.signedIn("olga");
  expect(await sessionsOf(token)).toHaveLength(10);
});

test("whoever has more than ten sessions ends none of anybody else's", async () => {
  const bystander = await client.signedIn("paul");
  for (let count = 0; count < 11; count++) await client.signedIn("quinn");
  expect((await client.me(bystander.token)).outcome).toBe("ok");
});

test("a person who comes from a second app for the first time has no more than ten sessions either", async () => {
  for (let count = 0; count < 10; count++) await client.signedIn("rita");
  const { token } = await client.signedIn("rita", { appId: secondApp });
  expect(await sessionsOf(token)).toHaveLength(10);
});

test("sessions of an app that is no longer configured aren't shown: their tokens don't work", async () => {
  const apps = (...names: string[]) => names.map((name) => `${name}:0123456789abcdef0123456789abcdef`).join(",");
  const env = { WECHAT_SIMULATOR: "on", DATABASE_URL: app.databaseUrl };
  const both = await startTestApp({ env: { ...env, WECHAT_APPS: apps("wxone", "wxtwo") } });
  await both.client.signedIn("sara", { appId: "wxone" });
  const { token } = await both.client.signedIn("sara", { appId: "wxtwo" });
  const one = await startTestApp({ env: { ...env, WECHAT_APPS: apps("wxtwo") } });
  const shown = async (of: typeof one) =>
    (await of.client.request("{ mySessions { appId } }", { token })).data?.mySessions;
  expect(await shown(both)).toEqual([{ appId: "wxtwo" }, { appId: "wxone" }]);
  expect(await shown(one)).toEqual([{ appId: "wxtwo" }]);
});
