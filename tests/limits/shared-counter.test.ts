import pg from "pg";
import { expect, test } from "vitest";
import { createClient } from "../support/client.js";
import { driver } from "../support/database.js";
import { logStatements } from "../support/statement-log.js";
import { startTestApp } from "../support/test-app.js";

const env = { RATE_LIMIT: "on", RATE_LIMIT_LOGIN: "3/1h,1000/1h", TRUST_PROXY: "loopback" };

/** Runs statements on a connection that no server shares. */
async function connected(url: string, run: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await run(client);
  } finally {
    await client.end();
  }
}

/** How many counts wait for a lock on their table. */
async function waiting(client: pg.Client): Promise<number> {
  const text =
    "select count(*) from pg_locks join pg_class on pg_class.oid = relation where relname = 'rate_limits' and not granted";
  return Number((await client.query(text)).rows[0]?.count);
}

const falling = "rate limits can't be counted in the database: counting in memory for now";

if (driver === "postgresql") {
  test("two servers on one database count together", async () => {
    const first = await startTestApp({ env });
    const second = await startTestApp({ env: { ...env, DATABASE_URL: first.databaseUrl } });
    expect((await first.client.login("alice")).outcome).toBe("ok");
    expect((await second.client.login("alice")).outcome).toBe("ok");
    expect((await first.client.login("alice")).outcome).toBe("ok");
    expect((await second.client.login("alice")).outcome).toBe("RATE_LIMITED");
    expect((await first.client.login("alice")).outcome).toBe("RATE_LIMITED");
    expect((await second.client.login("bob")).outcome).toBe("ok");
  });

  test("two servers whose clocks are twenty seconds apart count together", async () => {
    const ahead = await startTestApp({ env });
    const behind = await startTestApp({ env: { ...env, DATABASE_URL: ahead.databaseUrl } });
    ahead.advance(20_000);
    const outcomes = [];
    for (const app of [ahead, behind, ahead, behind]) outcomes.push((await app.client.login("alice")).outcome);
    expect(outcomes).toEqual(["ok", "ok", "ok", "RATE_LIMITED"]);
  });

  test("whoever is refused and goes on trying costs the database no count", async () => {
    const app = await startTestApp({ env: { RATE_LIMIT: "on", RATE_LIMIT_UPDATE_PROFILE: "1/1h,1000/1h" } });
    const { token } = await app.client.signedIn("alice");
    const update = async () => (await app.client.updateProfile(token, { nickname: "Al" })).outcome;
    expect([await update(), await update()]).toEqual(["ok", "RATE_LIMITED"]);
    const log = await logStatements(app.database);
    expect([await update(), await update()]).toEqual(["RATE_LIMITED", "RATE_LIMITED"]);
    log.stop();
    expect(log.texts.filter((text) => text.includes("sessions"))).not.toEqual([]);
    expect(log.texts.filter((text) => text.includes("rate_limits"))).toEqual([]);
  });

  test("the database holds neither addresses nor users", async () => {
    const app = await startTestApp({ env });
    const { user } = await createClient(app.url, { "x-forwarded-for": "203.0.113.77" }).signedIn("alice");
    const rows = await app.database.em.fork().getConnection().execute("select * from rate_limits");
    expect(rows).toHaveLength(2);
    expect(JSON.stringify(rows)).not.toMatch(/203\.0\.113/);
    expect(JSON.stringify(rows)).not.toContain(user.id);
  });

  test("where the database can't count, requests go on, each server counts for itself, and the log says so", async () => {
    const app = await startTestApp({ env });
    await connected(app.databaseUrl, async (client) => {
      await client.query("alter table rate_limits rename to elsewhere");
    });
    const outcomes = [];
    for (let i = 0; i < 5; i++) outcomes.push((await app.client.login("alice")).outcome);
    expect(outcomes).toEqual(["ok", "ok", "ok", "RATE_LIMITED", "RATE_LIMITED"]);
    expect(app.logged.filter(({ msg }) => msg === falling)).toMatchObject([
      { requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    ]);
    await connected(app.databaseUrl, async (client) => {
      await client.query("alter table elsewhere rename to rate_limits");
    });
    app.advance(11_000);
    expect((await app.client.login("alice")).outcome).toBe("ok");
  });

  test("counts whose time is over are cleared away behind later ones", async () => {
    const app = await startTestApp({ env: { ...env, RATE_LIMIT_LOGIN: "3/1s,1000/1s" } });
    const names = async () =>
      (await app.database.em.fork().getConnection().execute("select key from rate_limits")).length;
    await app.client.login("alice");
    await app.client.login("bob");
    expect(await names()).toBe(3);
    app.advance(61_000);
    await app.client.login("carol");
    await expect.poll(names).toBeLessThan(3);
  });

  test("where the database doesn't answer in time, requests go on", async () => {
    const app = await startTestApp({ env });
    await connected(app.databaseUrl, async (client) => {
      await client.query("begin");
      await client.query("lock table rate_limits in access exclusive mode");
      const startedAt = Date.now();
      expect((await app.client.login("alice")).outcome).toBe("ok");
      expect(Date.now() - startedAt).toBeLessThan(5_000);
      await client.query("rollback");
    });
    expect(app.logged.filter(({ msg }) => msg === falling)).toHaveLength(1);
  });

  test("counts that wait for a lock keep nobody from the database", async () => {
    const app = await startTestApp({ env });
    const { token } = await app.client.signedIn("alice");
    await connected(app.databaseUrl, async (client) => {
      await client.query("begin");
      await client.query("lock table rate_limits in access exclusive mode");
      const signIns = Array.from({ length: 40 }, (_, n) => app.client.login(`visitor-${n}`));
      await expect.poll(() => waiting(client)).toBeGreaterThan(0);
      const answers = await Promise.all(Array.from({ length: 40 }, () => app.client.me(token)));
      expect(answers.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
      expect((await Promise.all(signIns)).filter(({ outcome }) => outcome !== "ok")).toEqual([]);
      expect((await app.client.login("late")).outcome).toBe("ok");
      expect(await waiting(client)).toBeLessThanOrEqual(5);
      await client.query("rollback");
    });
    expect(app.logged.filter(({ msg }) => msg === falling)).toHaveLength(1);
  });
} else {
  test("one process on SQLite counts in memory, without a table", async () => {
    const app = await startTestApp({ env });
    const tables = await app.database.em.fork().getConnection().execute("select name from sqlite_master");
    expect(JSON.stringify(tables)).not.toContain("rate_limits");
    for (let i = 0; i < 3; i++) await app.client.login("alice");
    expect((await app.client.login("alice")).outcome).toBe("RATE_LIMITED");
  });
}
