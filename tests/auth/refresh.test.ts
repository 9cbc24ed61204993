import { expect, test, vi } from "vitest";
import { Session } from "../../src/auth/session.js";
import { connectDatabase } from "../../src/database/database.js";
import { tablesWith } from "../../src/entities.js";
import { loadConfig } from "../../src/settings/config.js";
import { logStatements } from "../support/statement-log.js";
import { jwtSecret, startTestApp } from "../support/test-app.js";

const app = await startTestApp();
const { client } = app;

const securityLines = () => app.logged.filter((line) => line.msg.includes("used refresh token"));

/** Refreshes and returns the new pair, or throws. */
async function refreshed(refreshToken: string) {
  const { data, text } = await client.refresh(refreshToken);
  if (!data?.refreshToken) throw new Error(`refreshing failed: ${text}`);
  return data.refreshToken;
}

test("a refresh gives a new pair, and both the old and the new access token work", async () => {
  const first = await client.signedIn("alice");
  const second = await refreshed(first.refreshToken);
  expect(second.refreshToken).not.toBe(first.refreshToken);
  expect(second.user.id).toBe(first.user.id);
  expect(second.isNewUser).toBe(false);
  expect((await client.me(second.token)).outcome).toBe("ok");
  expect((await client.me(first.token)).outcome).toBe("ok");
});

test("the token just used may come again within ten seconds and gets the very same successor", async () => {
  const { refreshToken } = await client.signedIn("alice");
  const first = await refreshed(refreshToken);
  app.advance(9_000);
  const again = await refreshed(refreshToken);
  expect(again.refreshToken).toBe(first.refreshToken);
  expect((await client.refresh(first.refreshToken)).outcome).toBe("ok");
});

test("the token just used, later than that, ends the session and writes one security line", async () => {
  const { refreshToken, token } = await client.signedIn("alice");
  const next = await refreshed(refreshToken);
  const before = securityLines().length;
  app.advance(11_000);
  expect((await client.refresh(refreshToken)).outcome).toBe("REFRESH_TOKEN_INVALID");
  expect((await client.refresh(next.refreshToken)).outcome).toBe("REFRESH_TOKEN_INVALID");
  expect((await client.me(token)).outcome).toBe("UNAUTHENTICATED");
  expect((await client.me(next.token)).outcome).toBe("UNAUTHENTICATED");
  expect(securityLines()).toHaveLength(before + 1);
});

test("a used token that comes ten times at once ends the session and writes one security line", async () => {
  const { refreshToken } = await client.signedIn("alice");
  const next = await refreshed(refreshToken);
  const before = securityLines().length;
  app.advance(11_000);
  const answers = await Promise.all(Array.from({ length: 10 }, () => client.refresh(refreshToken)));
  expect(answers.map(({ outcome }) => outcome)).toEqual(Array(10).fill("REFRESH_TOKEN_INVALID"));
  expect((await client.refresh(next.refreshToken)).outcome).toBe("REFRESH_TOKEN_INVALID");
  expect(securityLines()).toHaveLength(before + 1);
});

test("a token two steps behind ends the session even at once", async () => {
  const { refreshToken } = await client.signedIn("alice");
  const second = await refreshed(refreshToken);
  const third = await refreshed(second.refreshToken);
  expect((await client.refresh(refreshToken)).outcome).toBe("REFRESH_TOKEN_INVALID");
  expect((await client.refresh(third.refreshToken)).outcome).toBe("REFRESH_TOKEN_INVALID");
});

test("twenty refreshes at once with one token are one rotation, and every answer works", async () => {
  const { refreshToken } = await client.signedIn("alice");
  const answers = await Promise.all(Array.from({ length: 20 }, () => refreshed(refreshToken)));
  expect(new Set(answers.map((answer) => answer.refreshToken)).size).toBe(1);
  const viewers = await Promise.all(answers.map(({ token }) => client.me(token)));
  expect(viewers.map(({ outcome }) => outcome)).toEqual(answers.map(() => "ok"));
  expect((await client.refresh(answers[7]?.refreshToken ?? "")).outcome).toBe("ok");
});

test("it holds across a restart, in another process, and while JWT_SECRET is rotated", async () => {
  const secrets = ["Uq2vN8xRk5mTz7wYb3cJf6hLd9pGs4aE", "Hs7dKf3gQw9eRt5yUi2oPz8xCv4bNm6L"];
  const before = await startTestApp({ env: { JWT_SECRET: `${secrets[0]}` } });
  const { refreshToken } = await before.client.signedIn("alice");
  const first = (await before.client.refresh(refreshToken)).data?.refreshToken;
  const env = { DATABASE_URL: before.databaseUrl, JWT_SECRET: `${secrets[1]},${secrets[0]}` };
  const other = await startTestApp({ env });
  const again = (await other.client.refresh(refreshToken)).data?.refreshToken;
  expect(again?.refreshToken).toBe(first?.refreshToken);
  const next = (await other.client.refresh(again?.refreshToken ?? "")).data?.refreshToken;
  await before.close();
  const last = await startTestApp({ env: { ...env, JWT_SECRET: `${secrets[1]}` } });
  expect((await last.client.refresh(next?.refreshToken ?? "")).outcome).toBe("ok");
});

test("a session ends when it is idle for REFRESH_TOKEN_TTL, and each refresh extends it", async () => {
  const own = await startTestApp({ env: { REFRESH_TOKEN_TTL: "1d", SESSION_TTL: "3d" } });
  const hours = (n: number) => n * 3_600_000;
  let { refreshToken } = await own.client.signedIn("alice");
  for (let round = 0; round < 3; round++) {
    own.advance(hours(20));
    const { data, outcome } = await own.client.refresh(refreshToken);
    expect(outcome).toBe("ok");
    refreshToken = data?.refreshToken?.refreshToken ?? "";
  }
  own.advance(hours(13));
  expect((await own.client.refresh(refreshToken)).outcome).toBe("REFRESH_TOKEN_INVALID");
  const idle = await own.client.signedIn("bob");
  own.advance(hours(25));
  expect((await own.client.refresh(idle.refreshToken)).outcome).toBe("REFRESH_TOKEN_INVALID");
});

test("an access token ends with its session's life, even if it would live longer itself", async () => {
  const own = await startTestApp({ env: { ACCESS_TOKEN_TTL: "9d", REFRESH_TOKEN_TTL: "1d" } });
  const { token } = await own.client.signedIn("alice");
  own.advance(25 * 3_600_000);
  expect((await own.client.me(token)).outcome).toBe("UNAUTHENTICATED");
});

test("neither token is accepted as the other", async () => {
  const { token, refreshToken } = await client.signedIn("alice");
  expect((await client.me(refreshToken)).outcome).toBe("UNAUTHENTICATED");
  expect((await client.refresh(token)).outcome).toBe("REFRESH_TOKEN_INVALID");
});

test.each([
  ["empty", () => ""],
  ["nonsense", () => "nonsense"],
  ["cut short", (token: string) => token.slice(0, -1)],
  [
    "with a changed last letter",
    (token: string) => `${token.slice(0, -2)}${token.at(-2) === "A" ? "B" : "A"}${token.at(-1)}`,
  ],
  ["of another generation", (token: string) => token.slice(0, 34) + (token[34] === "A" ? "B" : "A") + token.slice(35)],
  ["padded", (token: string) => `${token}=`],
  ["huge", () => "A".repeat(90_000)],
])("a refresh token that is %s is refused", async (_, forge) => {
  const { refreshToken } = await client.signedIn("alice");
  expect((await client.refresh(forge(refreshToken))).outcome).toBe("REFRESH_TOKEN_INVALID");
  expect((await client.refresh(refreshToken)).outcome).toBe("ok");
});

test("a disabled user can't refresh", async () => {
  const { refreshToken, user } = await client.signedIn("dora");
  await app.database.em
    .fork()
    .getConnection()
    .execute("update users set disabled_at = created_at where id = ?", [user.id]);
  expect((await client.refresh(refreshToken)).outcome).toBe("USER_DISABLED");
});

test("the database holds nothing of a refresh token", async () => {
  const { refreshToken } = await client.signedIn("alice");
  const rows = await app.database.em.fork().getConnection().execute("select * from sessions");
  const mac = refreshToken.slice(-43);
  expect(JSON.stringify(rows)).not.toContain(mac);
});

test("two servers whose clocks are eight seconds apart take each other's tokens, and repeat each other's answers", async () => {
  const ahead = await startTestApp();
  const behind = await startTestApp({ env: { DATABASE_URL: ahead.databaseUrl } });
  ahead.advance(8_000);
  const { token, refreshToken } = await ahead.client.signedIn("alice");
  expect((await behind.client.me(token)).outcome).toBe("ok");
  const next = (await ahead.client.refresh(refreshToken)).data?.refreshToken?.refreshToken;
  expect((await behind.client.refresh(refreshToken)).data?.refreshToken?.refreshToken).toBe(next);
});

test("a refresh that is overtaken while it writes doesn't set the session back", async () => {
  const own = await startTestApp();
  const { refreshToken, user } = await own.client.signedIn("alice");
  const { database } = loadConfig({ DATABASE_URL: own.databaseUrl, JWT_SECRET: jwtSecret });
  const other = await connectDatabase(database, tablesWith());
  const overtaking = other.em.fork();
  await overtaking.begin();
  await overtaking.execute("update sessions set generation = 2 where user_id = ?", [user.id]);
  const log = await logStatements(own.database);
  const late = own.client.refresh(refreshToken);
  await vi.waitUntil(() => log.texts.some((text) => /^\s*(?:update\W+sessions|begin immediate)/.test(text)));
  log.stop();
  await overtaking.commit();
  expect((await late).outcome).toBe("REFRESH_TOKEN_INVALID");
  expect(await own.database.em.fork().count(Session)).toBe(0);
  await other.close();
});
