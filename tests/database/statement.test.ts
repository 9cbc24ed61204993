import { UniqueConstraintViolationException } from "@mikro-orm/core";
import { PostgreSqlConnection } from "@mikro-orm/postgresql";
import { SqliteConnection } from "@mikro-orm/sqlite";
import { afterEach, expect, test, vi } from "vitest";
import { statement } from "../../src/database/statement.js";
import { findUser } from "../../src/user/users.js";
import { driver } from "../support/database.js";
import { logStatements } from "../support/statement-log.js";
import { startTestApp, type TestApp } from "../support/test-app.js";

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

if (driver === "postgresql") {
  const startWithTwoConnections = () => startTestApp({ env: { DATABASE_POOL: "2" } });

  /** Runs SQL on both connections, and returns what they answer. */
  async function runOnBoth({ database }: TestApp, sql: string) {
    const connection = database.em.getConnection();
    if (!(connection instanceof PostgreSqlConnection)) throw new TypeError("this is no PostgreSQL");
    const pool = await connection.getNativeClient();
    const clients = [await pool.connect(), await pool.connect()];
    const answers = await Promise.all(clients.map((client) => client.query<Record<string, string>>(sql)));
    // The one that was used last is used next.
    for (const client of clients.toReversed()) client.release();
    return answers.flatMap(({ rows }) => rows);
  }

  async function expectToWork({ client }: TestApp) {
    const { token, user, refreshToken } = await client.signedIn("alice");
    expect((await client.me(token)).data?.me?.id).toBe(user.id);
    expect((await client.refresh(refreshToken)).outcome).toBe("ok");
  }

  test("a statement is prepared once on a connection, however often it runs", async () => {
    const own = await startWithTwoConnections();
    for (let times = 0; times < 6; times++) await expectToWork(own);
    const found = await runOnBoth(
      own,
      "select generic_plans + custom_plans as runs from pg_prepared_statements where statement like '%users left join sessions%'",
    );
    expect(found.length).toBeLessThanOrEqual(2);
    expect(found.map(({ runs }) => Number(runs)).reduce((all, runs) => all + runs)).toBe(6);
  });

  test("what a pooler does to prepared statements, or a migration, nobody notices", async () => {
    const other = await startWithTwoConnections();
    await expectToWork(other);
    const prepared = await runOnBoth(other, "select name from pg_prepared_statements where statement like '%users.*%'");

    const lost = await startWithTwoConnections();
    await expectToWork(lost);
    await runOnBoth(lost, "deallocate all");
    await expectToWork(lost);

    const taken = await startWithTwoConnections();
    await runOnBoth(taken, "deallocate all");
    for (const name of new Set(prepared.map((row) => row["name"])))
      await runOnBoth(taken, `prepare ${name} as select 1`);
    await expectToWork(taken);

    const migrated = await startWithTwoConnections();
    await expectToWork(migrated);
    for (const table of ["users", "sessions"])
      await migrated.database.em.getConnection().execute(`alter table ${table} add column later text`);
    await expectToWork(migrated);
    expect([other, lost, taken, migrated].flatMap(({ logged }) => logged.filter(({ level }) => level > 30))).toEqual(
      [],
    );
  });
}
