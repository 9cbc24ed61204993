import pg from "pg";
import { pino } from "pino";
import { describe, expect, test, vi } from "vitest";
import { openDatabase } from "../../src/database/database.js";
import { tablesWith } from "../../src/entities.js";
import { errorKinds } from "../../src/errors.js";
import type { Answer } from "../support/client.js";
import { driver } from "../support/database.js";
import { sendRaw } from "../support/raw-http.js";
import { startTestApp, type TestApp } from "../support/test-app.js";

const app = await startTestApp();
const { client } = app;

const internal = errorKinds.INTERNAL_SERVER_ERROR.text;

/** Checks that an operation failed as it does for a reason that is none of the client's business. */
function expectInternalError(answer: Answer): void {
  const requestId = answer.headers.get("x-request-id");
  expect([answer.status, answer.errors.length], answer.text).toEqual([200, 1]);
  expect(answer.data).toBeNull();
  expect(answer.errors[0]?.message).toBe(internal.zh);
  expect(answer.errors[0]?.extensions).toEqual({
    code: "INTERNAL_SERVER_ERROR",
    retry: "LATER",
    retryAfter: 5,
    requestId,
  });
  expect(answer.text).not.toMatch(/sqlite|postgres|select|users|stack|node_modules/i);
}

/** What was logged under the id of this answer. */
function logOf({ logged }: TestApp, answer: Answer, msg: string) {
  return logged.filter((line) => line["requestId"] === answer.headers.get("x-request-id") && line.msg === msg);
}

/** Milliseconds that the server took for this answer. */
async function timeOf(of: TestApp, answer: Answer): Promise<number> {
  const line = await vi.waitUntil(() => logOf(of, answer, "request")[0], { timeout: 20_000 });
  return Number(line["ms"]);
}

const run = ({ database }: TestApp, statement: string) => database.em.getConnection().execute(statement);

/** How many rows each table has. */
async function rows(of: TestApp): Promise<Record<string, number>> {
  const tables = ["users", "identities", "unionids", "sessions"];
  const counts = tables.map(async (table) => {
    const [row] = await run(of, `select count(*) as count from ${table}`);
    return [table, Number(row?.["count"])] as const;
  });
  return Object.fromEntries(await Promise.all(counts));
}

describe("messages are", () => {
  const { zh, en } = errorKinds.UNAUTHENTICATED.text;

  test.each([
    [undefined, zh],
    ["*", zh],
    ["zh-CN", zh],
    ["zh-Hant-TW", zh],
    ["zh-CN,zh;q=0.9,en;q=0.8", zh],
    ["en;q=0.5,zh;q=0.6", zh],
    ["en;q=0", zh],
    ["fr", zh],
    ["nonsense;;q=,", zh],
    ["en", en],
    ["en-GB", en],
    ["en-US,en;q=0.9,zh;q=0.8", en],
    ["zh;q=0.5,en;q=0.6", en],
    ["fr,en;q=0.1", en],
    ["zh;q=0,en", en],
  ])("in the language that the client prefers: %s", async (accepted, message) => {
    const answer = await client.request("{ me { id } }", { headers: accepted ? { "accept-language": accepted } : {} });
    expect(answer.errors[0]?.message).toBe(message);
  });

  test("in that language also for what never becomes an operation", async () => {
    const send = async (language: string) =>
      (await fetch(`${app.url}/nothing`, { headers: { "accept-language": language } })).text();
    expect(await send("en")).toContain("There is nothing at this address");
    expect(await send("zh")).toContain("没有这个地址");
  });
});

describe("the request's id", () => {
  test("is in the error, in the header and in the log line", async () => {
    const answer = await client.request("{ me { id } }");
    const requestId = answer.headers.get("x-request-id");
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.errors[0]?.extensions.requestId).toBe(requestId);
    await expect.poll(() => logOf(app, answer, "request")).toHaveLength(1);
  });

  test("is the server's, whatever the client sends", async () => {
    const first = await client.request("{ __typename }", { headers: { "x-request-id": "mine" } });
    const second = await client.request("{ __typename }", { headers: { "x-request-id": "mine" } });
    expect(first.headers.get("x-request-id")).not.toBe("mine");
    expect(first.headers.get("x-request-id")).not.toBe(second.headers.get("x-request-id"));
  });
});

test("an error says where in the answer it belongs", async () => {
  const answer = await client.request("query { a: me { id } }");
  expect(answer.errors[0]?.path).toEqual(["a"]);
});

describe("when a table is gone", () => {
  test("the operation fails without saying why, the log says why without values, and later it works again", async () => {
    const { token } = await client.signedIn("nadia");
    const before = await rows(app);
    await run(app, "alter table users rename to hidden");
    const failed = await client.updateProfile(token, { nickname: "Nadia Nadeshda" });
    const login = await client.login("olga");
    await run(app, "alter table hidden rename to users");

    for (const answer of [failed, login]) {
      expectInternalError(answer);
      const [line, ...more] = logOf(app, answer, "unexpected error");
      expect(more).toEqual([]);
      expect(line).toMatchObject({ level: 50, error: { code: driver === "sqlite" ? "SQLITE_ERROR" : "42P01" } });
      expect(JSON.stringify(line)).not.toMatch(/Nadeshda|select|sessions/);
      await expect
        .poll(() => logOf(app, answer, "request"))
        .toMatchObject([{ outcome: "INTERNAL_SERVER_ERROR", status: 200 }]);
    }
    expect(failed.errors[0]?.path).toEqual(["updateProfile"]);
    expect(await rows(app)).toEqual(before);
    const again = await client.updateProfile(token, { nickname: "Nadia Nadeshda" });
    expect(again.data?.updateProfile?.nickname).toBe("Nadia Nadeshda");
    expect((await client.signedIn("olga")).isNewUser).toBe(true);
  });
});

if (driver === "sqlite") {
  test("when somebody else keeps the file locked, the operation fails, and later it works", async () => {
    const file = app.databaseUrl.slice("sqlite:".length);
    const other = await openDatabase({ driver: "sqlite", file }, tablesWith(), pino({ level: "silent" }));
    const before = await rows(app);
    await other.em.getConnection().execute("begin exclusive");
    const answer = await client.login("pavel");
    await other.em.getConnection().execute("rollback");
    await other.close();
    expectInternalError(answer);
    expect(logOf(app, answer, "unexpected error")).toHaveLength(1);
    expect(await rows(app)).toEqual(before);
    expect((await client.signedIn("pavel")).isNewUser).toBe(true);
  });

  test("when the disk is full, logins fail whole, and later they work", async () => {
    const full = await startTestApp();
    const [pages] = await run(full, "pragma page_count");
    await run(full, `pragma max_page_count = ${pages?.["page_count"]}`);
    let answer: Answer | undefined;
    let signedIn = 0;
    for (let person = 0; person < 500; person++) {
      answer = await full.client.login(`person${person}`);
      if (answer.outcome !== "ok") break;
      signedIn++;
    }
    if (!answer) throw new Error("nobody signed in");
    expectInternalError(answer);
    expect(logOf(full, answer, "unexpected error")).toMatchObject([{ error: { code: "SQLITE_FULL" } }]);
    const expected = { users: signedIn, identities: signedIn, unionids: signedIn, sessions: signedIn };
    expect(await rows(full)).toEqual(expected);
    await run(full, "pragma max_page_count = 1000000");
    expect((await full.client.signedIn(`person${signedIn}`)).isNewUser).toBe(true);
  });
}

if (driver === "postgresql") {
  /** A connection of somebody else to an app's database. */
  const connect = async (to: TestApp) => {
    const other = new pg.Client(to.databaseUrl);
    await other.connect();
    return other;
  };

  test("when connections are cut, the next request gets new ones", async () => {
    const { token } = await client.signedIn("rosa");
    await Promise.all(Array.from({ length: 20 }, () => client.me(token)));
    const other = await connect(app);
    const { rowCount } = await other.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
    );
    await other.end();
    expect(rowCount).toBeGreaterThan(0);
    await expect.poll(async () => (await client.me(token)).outcome).toBe("ok");
    expect((await client.signedIn("sonja")).isNewUser).toBe(true);
  });

  test("when connections are cut in the middle of writing, nothing is written, and the pool is none the smaller", async () => {
    const cut = await startTestApp();
    const [other, admin] = [await connect(cut), await connect(cut)];
    await other.query("begin; lock table users in share mode");
    const logins = Array.from({ length: 12 }, (_, person) => cut.client.login(`person${person}`));
    const waiting = `select count(*)::int as count from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock' and query like 'insert%'`;
    // So many first sign-ins write at once; the others wait for their turn.
    await expect.poll(async () => (await admin.query(waiting)).rows[0].count).toBe(4);
    const kill = `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`;
    await expect.poll(async () => (await admin.query(kill)).rowCount).toBe(0);
    await other.query("rollback");
    await Promise.all([other.end(), admin.end()]);
    for (const answer of await Promise.all(logins)) if (answer.outcome !== "ok") expectInternalError(answer);
    const { token } = await cut.client.signedIn("vera");
    const answers = await Promise.all(Array.from({ length: 50 }, () => cut.client.me(token)));
    expect(new Set(answers.map(({ outcome }) => outcome))).toEqual(new Set(["ok"]));
  });

  describe.concurrent("when the table of users is locked", () => {
    test.each([
      ["against everything", "access exclusive"],
      ["against writing", "share"],
    ])("%s, a login fails within ten seconds and writes nothing", async (_, mode) => {
      const locked = await startTestApp();
      const other = await connect(locked);
      await other.query(`begin; lock table users in ${mode} mode`);
      const answer = await locked.client.login("tamara");
      await other.query("rollback");
      await other.end();
      expectInternalError(answer);
      expect(logOf(locked, answer, "unexpected error")).toMatchObject([{ error: { code: "57014" } }]);
      expect(await timeOf(locked, answer)).toBeLessThan(10_000);
      expect(await rows(locked)).toEqual({ users: 0, identities: 0, unionids: 0, sessions: 0 });
      expect((await locked.client.signedIn("tamara")).isNewUser).toBe(true);
    });
  });
}

if (driver === "sqlite") {
  test.concurrent.each([
    ["body", "POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{"],
    ["headers", "POST /graphql HTTP/1.1\r\nhost: a\r\n"],
  ])("a request whose %s never arrives is refused after fifteen seconds", async (_, beginning) => {
    const started = performance.now();
    const answer = await sendRaw(app.url, beginning);
    expect(performance.now() - started).toBeLessThan(20_000);
    expect([answer.status, answer.outcome]).toEqual([408, "BAD_REQUEST"]);
  });
}

test.concurrent("an operation that hangs is answered after ten seconds", async ({ expect }) => {
  const hanging = await startTestApp({ fetch: () => new Promise(() => {}) });
  const answer = await hanging.client.login("ursula");
  expectInternalError(answer);
  expect(await timeOf(hanging, answer)).toBeGreaterThan(9_900);
  expect(await timeOf(hanging, answer)).toBeLessThan(12_000);
  expect(logOf(hanging, answer, "the operation took longer than 10000 ms")).toHaveLength(1);
  expect(logOf(hanging, answer, "request")).toMatchObject([{ outcome: "INTERNAL_SERVER_ERROR", status: 200 }]);
});
