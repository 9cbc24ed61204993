import { copyFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { Session } from "../../src/auth/session.js";
import { countRows } from "../../src/database/row-counts.js";
import { User } from "../../src/user/user.js";
import { admin } from "../support/admin.js";
import { driver, newDatabase } from "../support/database.js";
import { createImport } from "../support/import.js";
import { startTestApp, type TestApp } from "../support/test-app.js";

const app = await startTestApp({ env: { REFRESH_TOKEN_TTL: "1d" } });
const { client } = app;
const { env, importRows, openid } = createImport(app);

const counted = async ({ database }: TestApp) => ({
  users: await countRows(database.em.fork(), "users"),
  sessions: await countRows(database.em.fork(), "sessions"),
});

const held = async ({ database }: TestApp) => ({
  users: await database.em.fork().count(User),
  sessions: await database.em.fork().count(Session),
});

afterEach(async () => expect(await counted(app)).toEqual(await held(app)));

test("who signs in counts, from the first on and as often as there are sessions", async () => {
  expect(await counted(app)).toEqual({ users: 0, sessions: 0 });
  await client.signedIn("alice");
  expect(await counted(app)).toEqual({ users: 1, sessions: 1 });
  await Promise.all(Array.from({ length: 14 }, () => client.signedIn("alice")));
  expect(await counted(app)).toEqual({ users: 1, sessions: 10 });
});

test("of many first sign-ins at once only what was written counts", async () => {
  const before = await counted(app);
  await Promise.all(Array.from({ length: 8 }, () => client.signedIn("bob")));
  expect(await counted(app)).toEqual({ users: before.users + 1, sessions: before.sessions + 8 });
});

test("what ends with a user no longer counts", async () => {
  const before = await counted(app);
  const { token } = await client.signedIn("carol");
  await client.signedIn("carol");
  expect(await counted(app)).toEqual({ users: before.users + 1, sessions: before.sessions + 2 });
  await client.request("mutation { deleteAccount }", { token });
  expect(await counted(app)).toEqual(before);
});

test("who signs out or is disabled leaves no session that counts", async () => {
  const before = await counted(app);
  const { token, user } = await client.signedIn("dave");
  await client.request("mutation { logout }", { token });
  await client.signedIn("dave");
  await admin(["disable", user.id], { env });
  expect(await counted(app)).toEqual({ ...before, users: before.users + 1 });
});

test("who is imported counts, once", async () => {
  const before = await counted(app);
  const rows = Array.from({ length: 50 }, (_, index) => openid(`imported${index}`));
  for (const _ of [1, 2]) await importRows("openid", rows);
  expect(await counted(app)).toEqual({ ...before, users: before.users + 50 });
});

test("what is rolled back doesn't count", async () => {
  const before = await counted(app);
  const failing = app.database.em.fork().transactional(async (transaction) => {
    await transaction.nativeDelete(User, {});
    throw new Error("something goes wrong later");
  });
  await expect(failing).rejects.toThrow("something goes wrong later");
  expect(await counted(app)).toEqual(before);
});

test("a session that has run out counts until it is swept", async () => {
  await client.signedIn("erin");
  app.advance(2 * 86_400_000);
  const { sessions } = await counted(app);
  expect(sessions).toBeGreaterThan(1);
  await client.signedIn("erin");
  await expect.poll(() => counted(app)).toMatchObject({ sessions: 1 });
});

const manySessions = {
  sqlite: `with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 12000)
    insert into sessions select n, (select min(id) from users), 'app', null, 0, 'key', null, 'key', null, 0, 0, 9e12, null from numbers`,
  postgresql: `insert into sessions select gen_random_uuid(), (select id from users limit 1), 'app', null, 0, 'key', null, 'key', null,
    now(), now(), now() + interval '1 day' from generate_series(1, 12000)`,
};

test("beyond ten thousand PostgreSQL estimates, and SQLite still knows", async () => {
  const own = await startTestApp();
  await own.client.signedIn("alice");
  const em = own.database.em.fork();
  await em.execute(manySessions[driver]);
  if (driver === "sqlite") return expect(await counted(own)).toEqual({ users: 1, sessions: 12_001 });
  expect(await countRows(em, "sessions")).toBeGreaterThanOrEqual(10_000);
  await em.execute("analyze sessions");
  expect(await countRows(em, "sessions")).toBeCloseTo(12_001, -3);
  await em.nativeDelete(Session, {});
  expect(await counted(own)).toEqual({ users: 1, sessions: 0 });
});

if (driver === "sqlite") {
  test("a backup knows how many there are", async () => {
    const [copy, place] = [await newDatabase(), await newDatabase()].map((url) => url.replace("sqlite:", ""));
    expect(await admin(["backup", String(copy)], { env })).toMatchObject({ code: 0 });
    copyFileSync(String(copy), String(place));
    const restored = await startTestApp({ env: { DATABASE_URL: `sqlite:${place}`, REFRESH_TOKEN_TTL: "1d" } });
    expect(await counted(restored)).toEqual(await held(restored));
    expect((await counted(restored)).users).toBeGreaterThan(50);
    await restored.client.signedIn("frank");
    expect(await counted(restored)).toEqual(await held(restored));
  });
}
