import { beforeAll, expect, test } from "vitest";
import { Session } from "../../src/auth/session.js";
import { dayOf } from "../../src/clock.js";
import { openidOf, unionidOf } from "../../src/wechat/simulator/people.js";
import { type ExportData, firstApp, type LoginData, secondApp } from "../support/client.js";
import { decode } from "../support/forged-token.js";
import { allTables, type Row } from "../support/tables.js";
import { startTestApp } from "../support/test-app.js";

const app = await startTestApp();
const { client } = app;

const userAgent = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) MicroMessenger/8.0.49";

/** Columns about a user that say nothing more about the person: they only serve to check a refresh token and to search. */
const technical = ["sessions.generation", "sessions.key_id", "sessions.access_key_id", "users.nickname_folded"];

let alice: LoginData;

async function exported(token: string): Promise<ExportData> {
  const { data, text } = await client.request("{ exportMyData }", { token });
  if (!data?.exportMyData) throw new Error(`no export: ${text}`);
  return data.exportMyData;
}

beforeAll(async () => {
  alice = await client.signedIn("alice", { headers: { "user-agent": userAgent } });
  await client.signedIn("alice", { appId: secondApp });
  await client.updateProfile(alice.token, {
    nickname: "Alice",
    email: "alice@example.com",
    birthday: "1998-02-28",
    gender: "FEMALE",
    address: "Christ Church, Oxford",
    signature: "Curiouser and curiouser",
  });
  const statement = "update users set phone = ?, avatar = ? where id = ?";
  const values = ["+8619900000001", "0123456789abcdef0123456789abcdef.jpg", alice.user.id];
  await app.database.em.fork().getConnection().execute(statement, values);
  const bob = await client.signedIn("bob");
  await client.updateProfile(bob.token, { nickname: "Bob" });
});

test("it has this shape", async () => {
  const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  const session = { id: expect.any(String), createdAt: time, lastUsedAt: time, expiresAt: time };
  expect(await exported(alice.token)).toEqual({
    exportedAt: time,
    account: {
      id: alice.user.id,
      createdAt: alice.user.createdAt,
      updatedAt: time,
      disabledAt: null,
      lastSignInOn: dayOf(new Date(alice.user.createdAt)),
    },
    profile: {
      nickname: "Alice",
      email: "alice@example.com",
      phone: "+8619900000001",
      birthday: "1998-02-28",
      gender: "FEMALE",
      address: "Christ Church, Oxford",
      signature: "Curiouser and curiouser",
      avatarUrl: "http://wxpass.test/avatars/0123456789abcdef0123456789abcdef.jpg",
    },
    identities: [
      { appId: firstApp, openid: openidOf(firstApp, "alice"), createdAt: time },
      { appId: secondApp, openid: openidOf(secondApp, "alice"), createdAt: time },
    ],
    unionids: [unionidOf("alice")],
    sessions: [
      { ...session, appId: firstApp, device: "iPhone, iOS 17.5, WeChat 8.0.49" },
      { ...session, appId: secondApp, device: null },
    ],
    avatarChecks: [],
  });
});

test("it has every column of every row about the caller, and no row about anybody else", async () => {
  const data = await exported(alice.token);
  const shown = new Set(leavesOf(data));
  const missing = new Set<string>();
  const strange = new Set<string>();
  for (const [table, rows] of await allTables(app.database)) {
    for (const row of rows) {
      const isHers = Object.values(row).includes(alice.user.id);
      for (const [column, value] of Object.entries(row)) {
        const name = `${table}.${column}`;
        if (value === null || technical.includes(name)) continue;
        if (isHers && !shown.has(leafOf(column, value))) missing.add(name);
        if (!isHers && /^(id|user_id|openid|unionid|nickname)$/.test(column) && shown.has(String(value)))
          strange.add(name);
      }
    }
  }
  expect([...missing]).toEqual([]);
  expect([...strange]).toEqual([]);
});

test("the comparison sees every column that there is: only these are empty for Alice", async () => {
  const empty: string[] = [];
  for (const [table, rows] of await allTables(app.database)) {
    const hers = rows.filter((row: Row) => Object.values(row).includes(alice.user.id));
    const columns = Object.keys(hers[0] ?? {});
    for (const column of columns) {
      if (hers.every((row) => row[column] === null)) empty.push(`${table}.${column}`);
    }
  }
  expect(empty).toEqual([
    "users.disabled_at",
    "sessions.key_changed_at",
    "sessions.access_key_changed_at",
    "sessions.end_reason",
  ]);
});

test("it needs a token", async () => {
  expect((await client.request("{ exportMyData }")).outcome).toBe("UNAUTHENTICATED");
});

test("a session that has run out but is not yet cleared away is still held, and so is shown", async () => {
  const own = await startTestApp();
  const { payload } = decode((await own.client.signedIn("carol")).token);
  const { token } = await own.client.signedIn("carol");
  await own.database.em.fork().nativeUpdate(Session, { id: String(payload["sid"]) }, { expiresAt: new Date(0) });
  const { data } = await own.client.request("{ exportMyData }", { token });
  expect(data?.exportMyData?.sessions.map(({ expiresAt }) => expiresAt)).toContain(new Date(0).toISOString());
  expect(data?.exportMyData?.sessions).toHaveLength(2);
});

/** Every text in a JSON value. */
function leavesOf(value: unknown): string[] {
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(leavesOf) : [String(value)];
}

/** A column's value as the export writes it. Times come as a number from SQLite and as text from PostgreSQL. */
function leafOf(column: string, value: unknown): string {
  if (column === "avatar") return `http://wxpass.test/avatars/${value}`;
  return column.endsWith("_at")
    ? new Date(typeof value === "number" ? value : String(value)).toISOString()
    : String(value);
}
