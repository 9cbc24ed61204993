import { existsSync, renameSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, inject, test } from "vitest";
import { User } from "../../src/user/user.js";
import { openidOf } from "../../src/wechat/simulator/people.js";
import { admin as run } from "../support/admin.js";
import { auditOf } from "../support/audit.js";
import { firstApp, type LoginData } from "../support/client.js";
import { driver } from "../support/database.js";
import { createImport, sums } from "../support/import.js";
import { keepSecret } from "../support/log-search.js";
import { whileRefused } from "../support/refusing.js";
import { placesOf } from "../support/tables.js";
import { startTestApp } from "../support/test-app.js";

const app = await startTestApp();
const { client } = app;
const { fileOf, importFile, openid } = createImport(app);
const env = { DATABASE_URL: app.databaseUrl, STORAGE_URL: `file:${join(inject("folder"), "avatars")}` };
const admin = (...args: string[]) => run(args, { env });

let people = 0;
let backups = 0;
let person: string;
let alice: LoginData;
let id: string;

beforeEach(async () => {
  person = `alice${++people}`;
  alice = await client.signedIn(person);
  id = alice.user.id;
  await client.updateProfile(alice.token, { nickname: "Alice the Memorable", email: "alice@example.com" });
});

const backupFile = () => join(inject("folder"), `audit-backup-${process.pid}-${backups}.db`);

/** What an operator can do: how, to which table, and the line that it leaves. */
interface Try {
  how(): Promise<{ code: number | null; output: string }>;
  /** What comes before. */
  given?(): Promise<unknown>;
  changes: string;
  line: { act: string; userId?: null; detail: unknown };
  isDone(): Promise<boolean>;
}

const found = async () => app.database.em.fork().findOne(User, id);
const isIn = async (token: string) => (await client.me(token)).outcome === "ok";
const newcomer = () => openid(`${person}-newcomer`);
const isNoNewcomer = async () => (await placesOf(app.database, newcomer())).length === 0;

const tries: Record<string, Try> = {
  disable: {
    how: () => admin("disable", id, "--reason", "spam, ticket 42"),
    changes: "update on users",
    line: { act: "disable", detail: "sessions ended: 1; spam, ticket 42" },
    isDone: async () => (await found())?.disabledAt != null,
  },
  enable: {
    given: () => admin("disable", id),
    how: () => admin("enable", id, "--reason", "it was a mistake"),
    changes: "update on users",
    line: { act: "enable", detail: "it was a mistake" },
    isDone: async () => (await found())?.disabledAt == null,
  },
  "end-sessions": {
    how: () => admin("end-sessions", id),
    changes: "delete on sessions",
    line: { act: "end-sessions", detail: "sessions ended: 1" },
    isDone: async () => !(await isIn(alice.token)),
  },
  delete: {
    how: () => admin("delete", id, "--yes"),
    changes: "delete on users",
    line: { act: "delete", detail: null },
    isDone: async () => (await found()) === null,
  },
  import: {
    how: () => importFile(fileOf(`openid,nickname\n${newcomer()},Newcomer\n${openidOf(firstApp, person)},Again\n`)),
    changes: "insert on identities",
    line: {
      act: "import",
      userId: null,
      detail: expect.stringMatching(/^import-[\w-]+\.csv: imported 1, joined 0, filled 0$/),
    },
    isDone: async () => !(await isNoNewcomer()),
  },
  ...(driver === "sqlite" && {
    backup: {
      given: async () => void backups++,
      how: () => admin("backup", backupFile()),
      changes: "insert on audit_entries",
      line: { act: "backup", userId: null, detail: expect.stringMatching(/^\/.*\/audit-backup-[\w-]+\.db$/) },
      isDone: async () => existsSync(backupFile()) || existsSync(`${backupFile()}.draft`),
    },
  }),
};

const names = Object.keys(tries);
const tryOf = (name: string): Try => {
  const wanted = tries[name];
  if (!wanted) throw new Error(`there is no ${name}`);
  return wanted;
};

test.each(names)("%s leaves one line, that says who did what on whom, when, and from where", async (name) => {
  const { how, given, line, isDone } = tryOf(name);
  await given?.();
  const before = await auditOf(app);
  expect((await how()).code).toBe(0);
  expect(await isDone()).toBe(true);
  const after = await auditOf(app);
  expect(after).toEqual([
    {
      id: expect.any(String),
      actedAt: expect.any(String),
      actor: userInfo().username,
      origin: "command",
      address: null,
      userId: id,
      ...line,
    },
    ...before,
  ]);
  expect(Math.abs(Date.parse(after[0]?.actedAt ?? "") - Date.now())).toBeLessThan(60_000);
});

test.each(names)("%s isn't done if its line can't be written", async (name) => {
  const { how, given, isDone } = tryOf(name);
  await given?.();
  await whileRefused(app, "insert on audit_entries", async () => {
    expect((await how()).code).toBe(1);
    expect(await isDone()).toBe(false);
  });
  expect((await how()).code).toBe(0);
  expect(await isDone()).toBe(true);
});

test.each(names.filter((name) => name !== "backup"))("%s leaves no line if it fails", async (name) => {
  const { how, given, changes, isDone } = tryOf(name);
  await given?.();
  const before = await auditOf(app);
  await whileRefused(app, changes, async () => {
    expect((await how()).code).toBe(1);
  });
  expect(await isDone()).toBe(false);
  expect(await auditOf(app)).toEqual(before);
});

/** Does something while PostgreSQL refuses a kind of change no sooner than the transaction commits. */
async function whileRefusedAtCommit(change: string, work: () => Promise<void>): Promise<void> {
  const execute = (text: string) => app.database.em.fork().execute(text);
  const begin = "create or replace function refuse() returns trigger language plpgsql as";
  await execute(`${begin} $$ begin raise exception 'refused'; end $$`);
  const when = "deferrable initially deferred for each row execute function refuse()";
  await execute(`create constraint trigger refuse_late after ${change} ${when}`);
  await work();
  await execute(`drop trigger refuse_late on ${change.split(" ").at(-1)}`);
}

// On SQLite nobody else could write a line while the act's transaction is open.
test.runIf(driver === "postgresql").each(names)(
  "%s leaves no line if its transaction fails at the end",
  async (name) => {
    const { how, given, changes, isDone } = tryOf(name);
    await given?.();
    const before = await auditOf(app);
    await whileRefusedAtCommit(changes, async () => {
      expect((await how()).code).toBe(1);
    });
    expect(await isDone()).toBe(false);
    expect(await auditOf(app)).toEqual(before);
  },
);

test("what was exported or shown in full leaves a line, and nothing is shown if that can't be written", async () => {
  const shows: [string[], object][] = [
    [["user", id, "--show-openid"], { act: "show", userId: id, detail: "with openids" }],
    [["user", id, "--json"], { act: "export", userId: id, detail: null }],
    [["user", id, "--show-openid", "--json"], { act: "export", userId: id, detail: "with openids" }],
  ];
  for (const [args, line] of shows) {
    const refused = await whileRefused(app, "insert on audit_entries", () => admin(...args));
    expect(refused).toMatchObject({ code: 1, output: "" });
    expect((await admin(...args)).output).toContain(id);
    expect((await auditOf(app))[0]).toMatchObject(line);
  }
});

test("what changed nothing, or only looked, leaves no line", async () => {
  await admin("disable", id);
  const before = await auditOf(app);
  await admin("disable", id);
  await admin("end-sessions", id);
  await admin("delete", id);
  await admin("users");
  await admin("user", id);
  await admin("user", "01900000-0000-7000-8000-000000000000", "--json");
  const known = fileOf(`openid\n${openidOf(firstApp, person)}\n`);
  await importFile(known);
  await importFile(fileOf(`openid\n${newcomer()}\n`), "--dry-run");
  await importFile(fileOf("no such column\n"));
  await admin("enable", id);
  await admin("enable", id);
  expect((await auditOf(app)).slice(0, -before.length)).toEqual([expect.objectContaining({ act: "enable" })]);
});

test("who was erased is in the log by the id alone, and the lines stay", async () => {
  await client.bindPhone(alice.token, person);
  const { phone } = (await client.me(alice.token)).data?.me ?? {};
  keepSecret(phone ?? undefined);
  for (const command of ["end-sessions", "disable", "enable"]) await admin(command, id);
  await admin("user", id, "--show-openid");
  await admin("user", id, "--json", "--show-openid");
  await client.signedIn(person);
  await admin("disable", id, "--reason", "asked by letter");
  await admin("delete", id, "--yes", "--reason", "asked by letter");
  const lines = await auditOf(app, "--user", id);
  expect(lines.map(({ act }) => act)).toEqual([
    "delete",
    "disable",
    "export",
    "show",
    "enable",
    "disable",
    "end-sessions",
  ]);
  const traces = [openidOf(firstApp, person), String(phone), "alice@example.com", "Alice the Memorable"];
  expect(traces.filter((trace) => JSON.stringify(lines).includes(trace))).toEqual([]);
  expect(await placesOf(app.database, id)).toEqual(["audit_entries.user_id"]);
});

test("an import of many rows leaves a line when it begins and one with the counts, and no more", async () => {
  const rows = Array.from({ length: 1_200 }, (_, index) => `${openid(`${person}-${index}`)}\n`);
  const before = await auditOf(app);
  await importFile(fileOf(["openid\n", ...rows].join("")));
  const lines = (await auditOf(app)).slice(0, -before.length);
  expect(lines.map(({ act, detail }) => [act, detail?.replace(/^\S+\.csv/, "FILE")])).toEqual([
    ["import", "FILE: imported 1200, joined 0, filled 0"],
    ["begin-import", "FILE"],
  ]);
});

test("an import of many rows that is cut off has a line of what was done", async () => {
  const rows = Array.from({ length: 700 }, (_, index) => `${openid(`${person}-${index}`)}\n`);
  const before = await auditOf(app);
  const { code, output } = await importFile(fileOf(["openid\n", ...rows, '"oooooooooo\n'].join("")));
  expect(code).toBe(1);
  const lines = (await auditOf(app)).slice(0, -before.length);
  expect(lines.map(({ act }) => act)).toEqual(["import", "begin-import"]);
  expect(lines[0]?.detail).toContain(`imported ${sums(output)["imported"]},`);
});

test("with sudo it is the person who called it", async () => {
  await run(["disable", id], { env: { ...env, SUDO_USER: "olga" } });
  expect((await auditOf(app, "--actor", "olga"))[0]).toMatchObject({ actor: "olga", act: "disable", userId: id });
});

test.each([
  "call +8613800138000",
  "call 138 0013 8000",
  "wrote from alice@example.com",
  `is ${openidOf(firstApp, "alice")}`,
  "x".repeat(201),
])("a reason that would outlive the person is refused, and so is an endless one: %s", async (reason) => {
  const { code, errors } = await run(["disable", id, "--reason", reason], { env });
  expect(code).toBe(2);
  expect(errors).toContain("--reason");
  expect(await isIn(alice.token)).toBe(true);
});

test("a file's name is written without what looks like somebody's", async () => {
  const name = join(inject("folder"), `13800138000-${driver}-a@example.com.csv`);
  renameSync(fileOf(`openid\n${newcomer()}\n`), name);
  await importFile(name);
  const [line] = await auditOf(app);
  expect(line?.detail).not.toMatch(/138|example/);
  expect(line?.detail).toContain("imported 1");
});
