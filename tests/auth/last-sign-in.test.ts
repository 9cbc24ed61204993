import { expect, test } from "vitest";
import { Session } from "../../src/auth/session.js";
import { dayOf } from "../../src/clock.js";
import { User } from "../../src/user/user.js";
import { disableUser } from "../support/accounts.js";
import { whileRefused } from "../support/refusing.js";
import { appSecret, startScriptedWechat } from "../support/scripted-wechat.js";
import { logStatements, writesAmong } from "../support/statement-log.js";
import { startTestApp, type TestApp } from "../support/test-app.js";

const dayMs = 86_400_000;

const rowOf = ({ database }: TestApp, id: string) => database.em.fork().findOneOrFail(User, id);
const dayIn = async (app: TestApp, id: string) => (await rowOf(app, id)).lastSignInOn;

/** How often somebody's sign-in writes to the table of users. */
async function writesOf(app: TestApp, person: string): Promise<number> {
  const log = await logStatements(app.database);
  await app.client.signedIn(person);
  log.stop();
  return writesAmong(log.texts).filter((text) => /^\s*update users/.test(text)).length;
}

test("who signs in has the day in China, new ones with their row, and it is no change of the profile", async () => {
  const app = await startTestApp();
  const { user } = await app.client.signedIn("alice");
  const before = await rowOf(app, user.id);
  expect(before.lastSignInOn).toBe(dayOf(before.createdAt));
  app.advance(dayMs);
  await app.client.signedIn("alice");
  expect(await rowOf(app, user.id)).toEqual({ ...before, lastSignInOn: dayOf(app.now()) });
});

test("only the first sign-in of a day writes it", async () => {
  const app = await startTestApp();
  await app.client.signedIn("alice");
  expect(await writesOf(app, "alice")).toBe(0);
  app.advance(dayMs);
  expect([await writesOf(app, "alice"), await writesOf(app, "alice")]).toEqual([1, 0]);
});

test("neither a refresh nor a request is a sign-in", async () => {
  const app = await startTestApp();
  const { user, token, refreshToken } = await app.client.signedIn("alice");
  const day = await dayIn(app, user.id);
  app.advance(dayMs);
  await app.client.me(token);
  expect((await app.client.refresh(refreshToken)).outcome).toBe("ok");
  expect(await dayIn(app, user.id)).toBe(day);
});

test("of sign-ins at once on a new day all are let in, and it is that day", async () => {
  const app = await startTestApp();
  const { user } = await app.client.signedIn("alice");
  app.advance(dayMs);
  await Promise.all(Array.from({ length: 8 }, () => app.client.signedIn("alice")));
  expect(await dayIn(app, user.id)).toBe(dayOf(app.now()));
  expect(await app.database.em.fork().count(Session, { user: user.id })).toBe(9);
});

test("with the clock set back, the next sign-in says what it says now", async () => {
  const app = await startTestApp();
  app.advance(365 * dayMs);
  const { user } = await app.client.signedIn("alice");
  app.advance(-365 * dayMs);
  await app.client.signedIn("alice");
  expect(await dayIn(app, user.id)).toBe(dayOf(app.now()));
});

test("a disabled user who is refused has not signed in", async () => {
  const app = await startTestApp();
  const { user } = await app.client.signedIn("alice");
  await disableUser(app, user.id);
  const day = await dayIn(app, user.id);
  app.advance(dayMs);
  expect((await app.client.login("alice")).outcome).toBe("USER_DISABLED");
  expect(await dayIn(app, user.id)).toBe(day);
});

test("a sign-in stands though its day can't be written, and the next one makes up for it", async () => {
  const app = await startTestApp();
  const { user } = await app.client.signedIn("alice");
  app.advance(dayMs);
  const { token } = await whileRefused(app, "update on users", () => app.client.signedIn("alice"));
  expect((await app.client.me(token)).outcome).toBe("ok");
  expect(app.logged.filter(({ msg }) => msg.includes("noting the day"))).toHaveLength(1);
  await app.client.signedIn("alice");
  expect(await dayIn(app, user.id)).toBe(dayOf(app.now()));
});

test("who comes by another app, known by the unionid, has signed in too", async () => {
  const wechat = await startScriptedWechat();
  const app = await startTestApp({ env: { ...wechat.env, WECHAT_APPS: `wxone:${appSecret},wxtwo:${appSecret}` } });
  const signIn = (appId: string) => {
    wechat.answerJson({ openid: `oAlice${appId}`, unionid: "uAlice", session_key: "AAAAAAAAAAAAAAAAAAAAAA==" });
    return app.client.signedIn("any-code", { appId });
  };
  const { user } = await signIn("wxone");
  app.advance(dayMs);
  expect((await signIn("wxtwo")).user.id).toBe(user.id);
  expect(await dayIn(app, user.id)).toBe(dayOf(app.now()));
});

test("a day in China begins at 16:00 UTC of the day before", () => {
  expect(dayOf(new Date("2026-01-30T15:59:59.999Z"))).toBe("2026-01-30");
  expect(dayOf(new Date("2026-01-30T16:00:00.000Z"))).toBe("2026-01-31");
});
