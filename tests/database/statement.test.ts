import { UniqueConstraintViolationException } from "@mikro-orm/core";
import { SqliteConnection } from "@mikro-orm/sqlite";
import { afterEach, expect, test, vi } from "vitest";
import { statement } from "../../src/database/statement.js";
import { findUser } from "../../src/user/users.js";
import { driver } from "../support/database.js";
import { logStatements } from "../support/statement-log.js";
import { startTestApp } from "../support/test-app.js";

const app = await startTestApp();
const { em } = app.database;

const byId = statement("select users.* from users where id = ?");
const sign = statement("update users set signature = ? where id = ?");
const insert = statement("insert into users (id, signature, created_at, updated_at) values (?, ?, ?, ?)");

afterEach(() => vi.restoreAllMocks());

async function sqlite() {
  const connection = em.getConnection();
  if (!(connection instanceof SqliteConnection)) throw new TypeError("this is no SQLite");
  return connection.getNativeClient();
}

test("a lookup in a transaction sees the row that the transaction has just written, and others don't", async () => {
  const { user } = await app.client.signedIn("alice");
  const signatureIn = async (manager: typeof em) => (await findUser(manager, byId, [user.id]))?.signature;
  await em.fork().transactional(async (transaction) => {
    expect(await sign.run(transaction, ["Alice", user.id])).toBe(1);
    expect(await signatureIn(transaction)).toBe("Alice");
    if (driver === "postgresql") expect(await signatureIn(em.fork())).toBeNull();
  });
  expect(await signatureIn(em.fork())).toBe("Alice");
});

test("what a transaction wrote by statements is gone when it fails", async () => {
  const { user } = await app.client.signedIn("bob");
  const failing = em.fork().transactional(async (transaction) => {
    await sign.run(transaction, ["Bob", user.id]);
    throw new Error("something goes wrong later");
  });
  await expect(failing).rejects.toThrow("something goes wrong later");
  expect((await findUser(em.fork(), byId, [user.id]))?.signature).toBeNull();
});

test("no value is in the text that the driver gets", async () => {
  const { token } = await app.client.signedIn("carol");
  const { texts, stop } = await logStatements(app.database);
  const hostile = "it's ? $1 -- \\' \"quoted\"";
  const { user } = await app.client.signedIn("carol");
  await sign.run(em.fork(), [hostile, user.id]);
  expect((await app.client.me(token)).data?.me?.signature).toBe(hostile);
  stop();
  const ours = texts.filter((text) => /select users\.\*|update users set signature/.test(text));
  expect(ours.length).toBeGreaterThanOrEqual(3);
  expect(ours.filter((text) => text.includes(user.id) || text.includes("quoted") || /\d{13}/.test(text))).toEqual([]);
});

test("what the driver throws comes out as the ORM's exception", async () => {
  const { user } = await app.client.signedIn("dave");
  const twice = insert.run(em.fork(), [user.id, "Dave", app.now(), app.now()]);
  await expect(twice).rejects.toBeInstanceOf(UniqueConstraintViolationException);
});

if (driver === "sqlite") {
  test("a statement is prepared once, however often it runs", async () => {
    const client = await sqlite();
    const prepare = vi.spyOn(client, "prepare");
    const own = statement("select users.id from users where id = ?");
    for (let times = 0; times < 3; times++) await own.rows(em.fork(), ["nobody"]);
    expect(prepare.mock.calls).toEqual([["select users.id from users where id = ?"]]);
  });
}
