import { UniqueConstraintViolationException } from "@mikro-orm/core";
import { expect, test } from "vitest";
import { statement } from "../../src/database/statement.js";
import { logStatements } from "../support/statement-log.js";
import { sweep } from "../support/sweep.js";
import { startTestApp, type TestApp } from "../support/test-app.js";

const run = ({ database }: TestApp, text: string) => database.em.getConnection().execute(text);

const insert = statement("insert into unionids (unionid, user_id) values (?, ?)");
const inserted = statement("select unionid from unionids where user_id = ? order by unionid");

/** Signs in so many people who are known already, all at once. */
const signInAgain = ({ client }: TestApp, people: number) =>
  Promise.all(Array.from({ length: people }, (_, index) => client.login(`person${index}`)));

async function signUp({ client }: TestApp, people: number): Promise<void> {
  for (let index = 0; index < people; index++) await client.signedIn(`person${index}`);
}

test("what is written at the same time has one commit", async () => {
  const app = await startTestApp();
  const { user } = await app.client.signedIn("alice");
  const { em } = app.database;
  const { texts, stop } = await logStatements(app.database);
  const ids = Array.from({ length: 20 }, (_, index) => `o-number${index}`);
  await Promise.all(ids.map((id) => insert.run(em.fork(), [id, user.id])));
  stop();

  expect(texts.filter((text) => text.startsWith("insert into unionids"))).toHaveLength(20);
  expect(texts.filter((text) => text === "commit")).toHaveLength(1);
});

test("a sign-in of somebody known, with the end of the oldest sessions, has one commit", async () => {
  const app = await startTestApp();
  await app.client.signedIn("alice");
  await sweep(app);
  const { texts, stop } = await logStatements(app.database);
  await app.client.signedIn("alice");
  stop();
  const written = texts.filter((text) => /^\s*(begin|insert|update|delete|commit)/.test(text));
  expect(written.map((text) => text.trim().split(/\s+/, 3).join(" "))).toEqual([
    "begin immediate",
    "insert into sessions",
    "update sessions set",
    "commit",
  ]);
});

test("nobody is answered before what they wrote is committed", async () => {
  const app = await startTestApp();
  const { user } = await app.client.signedIn("alice");
  const { em } = app.database;
  const { texts, stop } = await logStatements(app.database);
  await insert.run(em.fork(), ["o-first", user.id]).then(() => texts.push("answered"));
  stop();
  const order = texts.filter((text) => /^(begin|insert into unionids|commit|answered)/.test(text));
  expect(order.map((text) => text.split(" (", 1)[0])).toEqual([
    "begin immediate",
    "insert into unionids",
    "commit",
    "answered",
  ]);
});

test("a constraint that one of a group breaks fails that one alone", async () => {
  const app = await startTestApp();
  const { user } = await app.client.signedIn("alice");
  const { em } = app.database;
  const ids = ["o-one", "o-two", "o-two", "o-three"];
  const outcomes = await Promise.allSettled(ids.map((id) => insert.run(em.fork(), [id, user.id])));

  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
  expect(Reflect.get(outcomes[2] ?? {}, "reason")).toBeInstanceOf(UniqueConstraintViolationException);
  const rows = await inserted.rows(em.fork(), [user.id]);
  expect(rows.map(({ unionid }) => unionid)).toEqual(expect.arrayContaining(["o-one", "o-three", "o-two"]));
});

test("with a full disk whoever is told ok has a session, whoever isn't has none, and it ends with the full disk", async () => {
  const app = await startTestApp();
  await signUp(app, 30);
  const [pages] = await app.database.em.getConnection().execute<{ page_count: number }[]>("pragma page_count");
  await run(app, `pragma max_page_count = ${(pages?.page_count ?? 0) + 2}`);
  const before = await countSessions(app);
  const rounds = [await signInAgain(app, 30), await signInAgain(app, 30), await signInAgain(app, 30)].flat();
  const ok = rounds.filter(({ outcome }) => outcome === "ok");

  expect(ok.length).toBeGreaterThan(0);
  expect(ok.length).toBeLessThan(rounds.length);
  expect(await countSessions(app)).toBe(before + ok.length);
  for (const { data } of ok) expect((await app.client.me(data?.wxLogin?.token ?? "")).outcome).toBe("ok");

  await run(app, "pragma max_page_count = 1000000");
  expect((await signInAgain(app, 30)).map(({ outcome }) => outcome)).toEqual(Array(30).fill("ok"));
});

const countSessions = async ({ database }: TestApp) =>
  (await database.em.getConnection().execute("select 1 from sessions")).length;

test("while a transaction is open, others neither see what it wrote nor write into it", async () => {
  const app = await startTestApp();
  const { user } = await app.client.signedIn("alice");
  const { em } = app.database;
  const { promise: end, reject: fail } = Promise.withResolvers<void>();
  const { promise: written, resolve: hasWritten } = Promise.withResolvers<void>();
  const failing = em.fork().transactional(async (transaction) => {
    await insert.run(transaction, ["o-undone", user.id]);
    hasWritten();
    await end;
  });
  await written;
  const beside = insert.run(em.fork(), ["o-beside", user.id]);
  const seen = inserted.rows(em.fork(), [user.id]);
  fail(new Error("it fails"));
  await expect(failing).rejects.toThrow("it fails");
  expect(await beside).toBe(1);
  const names = (rows: { unionid?: unknown }[]) => rows.map(({ unionid }) => unionid);
  expect(names(await seen)).not.toContain("o-undone");
  expect(names(await inserted.rows(em.fork(), [user.id]))).toEqual(expect.arrayContaining(["o-beside"]));
  expect(names(await inserted.rows(em.fork(), [user.id]))).not.toContain("o-undone");
});
