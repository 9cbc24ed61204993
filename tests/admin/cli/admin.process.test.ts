import { once } from "node:events";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, inject, test, vi } from "vitest";
import { loadConfig } from "../../../src/settings/config.js";
import { openidOf } from "../../../src/wechat/simulator/people.js";
import { admin, adminProcess, spawnAdmin } from "../../support/admin.js";
import { firstApp } from "../../support/client.js";
import { newDatabase } from "../../support/database.js";
import { startServer } from "../../support/server-process.js";
import { startTestApp } from "../../support/test-app.js";

/*
 * The operator's command as a process beside a server that is another process, and what concerns one database only.
 */

let folders = 0;

function newFolder(): string {
  const folder = join(inject("folder"), `admin-${++folders}`);
  mkdirSync(folder);
  return folder;
}

test.each(["sqlite", "postgresql"] as const)(
  "what it does on %s holds from the server's next request on",
  { timeout: 60_000 },
  async (kind) => {
    const folder = newFolder();
    const env = { DATABASE_URL: await newDatabase(kind) };
    const { client } = await startServer(env, folder);
    const adminCommand = (...args: string[]) => adminProcess(args, { ...env, NODE_ENV: "production" }, folder);
    const { user, token } = await client.signedIn("alice");
    expect(await adminCommand("disable", user.id)).toMatchObject({ code: 0, errors: "" });
    expect((await client.me(token)).outcome).toBe("USER_DISABLED");
    expect(await adminCommand("delete", user.id)).toMatchObject({ code: 2, output: "" });
    expect(await adminCommand("delete", user.id, "--yes")).toMatchObject({ code: 0, errors: "" });
    expect((await client.signedIn("alice")).isNewUser).toBe(true);
  },
);

test("a backup made while people sign in has everybody who was answered before, and opens", {
  timeout: 60_000,
}, async () => {
  const folder = newFolder();
  const env = { DATABASE_URL: "sqlite:./data/wxpass.db" };
  const server = await startServer(env, folder);
  const answered: string[] = [];
  let writing = true;
  const writers = Array.from({ length: 4 }, async (_, writer) => {
    for (let i = 0; writing; i++) answered.push((await server.client.signedIn(`p${writer}x${i}`)).user.id);
  });
  await expect.poll(() => answered.length, { timeout: 20_000 }).toBeGreaterThan(20);
  const before = [...answered];
  const backup = await adminProcess(["backup", "copy.db"], env, folder);
  const during = answered.length - before.length;
  writing = false;
  await Promise.all(writers);
  expect(backup).toMatchObject({ code: 0, errors: "" });
  expect(during).toBeGreaterThan(0);
  expect(statSync(join(folder, "copy.db")).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder).filter((file) => file.startsWith("copy"))).toEqual(["copy.db"]);

  const restored = await startTestApp({ env: { DATABASE_URL: `sqlite:${join(folder, "copy.db")}` } });
  const there = await restored.database.em.fork().getConnection().execute<{ id: string }[]>("select id from users");
  const ids = new Set(there.map(({ id }) => id));
  expect(before.filter((id) => !ids.has(id))).toEqual([]);
  expect((await restored.client.signedIn("p0x0")).isNewUser).toBe(false);
});

test("a backup never overwrites, and leaves nothing behind when it can't be written", async () => {
  const folder = newFolder();
  const { databaseUrl } = await startTestApp({ env: { DATABASE_URL: await newDatabase("sqlite") } });
  const backUp = (file: string) => admin(["backup", join(folder, file)], { env: { DATABASE_URL: databaseUrl } });
  writeFileSync(join(folder, "precious.db"), "precious");
  const refused = await backUp("precious.db");
  expect(refused.code).toBe(1);
  expect(refused.errors).toMatch(/precious\.db is there already/);
  expect(readFileSync(join(folder, "precious.db"), "utf8")).toBe("precious");
  writeFileSync(join(folder, "half.db.draft"), "");
  expect((await backUp("half.db")).code).toBe(1);
  expect((await backUp("no/such/folder.db")).code).toBe(1);
  expect(readdirSync(folder)).toEqual(["half.db.draft", "precious.db"]);
});

test("what is left beside a draft that somebody has removed does the next backup no harm", async () => {
  const folder = newFolder();
  const { databaseUrl, client } = await startTestApp({ env: { DATABASE_URL: await newDatabase("sqlite") } });
  const { user } = await client.signedIn("alice");
  writeHotJournal(join(folder, "other.db"), join(folder, "copy.db.draft-journal"));
  const env = { DATABASE_URL: databaseUrl };
  expect(await admin(["backup", join(folder, "copy.db")], { env })).toMatchObject({ code: 0, errors: "" });
  const copy = new DatabaseSync(join(folder, "copy.db"), { readOnly: true });
  expect(copy.prepare("select id from users").all()).toEqual([{ id: user.id }]);
  copy.close();
  expect(readdirSync(folder).filter((file) => file.startsWith("copy"))).toEqual(["copy.db"]);
});

/** Writes what SQLite would roll back if it took it for that of the file beside it. */
function writeHotJournal(database: string, journal: string): void {
  const other = new DatabaseSync(database);
  other.exec("pragma journal_mode = delete; pragma cache_size = 5; create table notes (text)");
  const many = "with recursive n (i) as (select 1 union all select i + 1 from n where i < 2000)";
  other.exec(`${many} insert into notes select printf('%.500c', 'a') from n`);
  other.exec("begin; update notes set text = printf('%.500c', 'b')");
  copyFileSync(`${database}-journal`, journal);
  other.exec("rollback");
  other.close();
}

/** A folder with a database so large that copying it takes a while. */
let largeFolder: Promise<string> | undefined;

async function makeLargeFolder(): Promise<string> {
  const folder = newFolder();
  await (await startTestApp({ env: { DATABASE_URL: `sqlite:${join(folder, "wxpass.db")}` } })).close();
  const database = new DatabaseSync(join(folder, "wxpass.db"));
  database.exec(`
    with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 20000)
    insert into users (id, signature, created_at, updated_at) select n, printf('%.4000c', 'x'), 0, 0 from numbers`);
  database.close();
  return folder;
}

/** Begins to copy the large database to a file, and says which files of that name there are. */
async function startBackup(name: string) {
  largeFolder ??= makeLargeFolder();
  const folder = await largeFolder;
  const env = { DATABASE_URL: "sqlite:wxpass.db" };
  const child = spawnAdmin(["backup", name], env, folder);
  const files = () => readdirSync(folder).filter((file) => file.startsWith(name));
  await vi.waitUntil(() => files().length > 0, { timeout: 30_000, interval: 1 });
  return { folder, child, files, backUp: () => adminProcess(["backup", name], env, folder) };
}

test("a backup that is killed leaves no file of its name, and its draft is told of", async () => {
  const { folder, child, files, backUp } = await startBackup("killed.db");
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(files()).toContain("killed.db.draft");
  expect(files()).not.toContain("killed.db");
  const { code, errors } = await backUp();
  expect(code).toBe(1);
  expect(errors).toMatch(/^\S+killed\.db\.draft is there: a backup is being written, or was killed\..*\n$/);
  expect(files()).not.toContain("killed.db");
  rmSync(join(folder, "killed.db.draft"));
  expect(await backUp()).toMatchObject({ code: 0, errors: "" });
  expect(files()).toEqual(["killed.db"]);
});

test.each(["SIGTERM", "SIGINT"] as const)("a backup that is ended by %s leaves nothing", async (signal) => {
  const { child, files } = await startBackup(`${signal}.db`);
  child.kill(signal);
  expect(await once(child, "exit")).toEqual([null, signal]);
  expect(files()).toEqual([]);
});

test("a file that comes while a backup is written is not overwritten", async () => {
  const { folder, child, files } = await startBackup("taken.db");
  writeFileSync(join(folder, "taken.db"), "precious");
  expect(await once(child, "exit")).toEqual([1, null]);
  expect(readFileSync(join(folder, "taken.db"), "utf8")).toBe("precious");
  expect(files()).toEqual(["taken.db"]);
});

test("who is erased is in neither the file nor a backup any more", async () => {
  const folder = newFolder();
  const env = { DATABASE_URL: `sqlite:${join(folder, "wxpass.db")}` };
  const app = await startTestApp({ env });
  const { user, token } = await app.client.signedIn("zoe");
  await app.client.updateProfile(token, { nickname: "Zoe the Unforgettable" });
  for (let i = 0; i < 5; i++) await app.client.signedIn(`other${i}`);
  const traces = [openidOf(firstApp, "zoe"), user.id, "Zoe the Unforgettable"];
  const inFile = (file: string) => traces.filter((trace) => readFileSync(join(folder, file)).includes(trace));
  await admin(["backup", join(folder, "with.db")], { env });
  expect(inFile("with.db")).toEqual(traces);
  await app.client.request("mutation { deleteAccount }", { token });
  await admin(["backup", join(folder, "without.db")], { env });
  await app.close();
  expect(inFile("without.db")).toEqual([]);
  expect(inFile("wxpass.db")).toEqual([]);
});

test("on PostgreSQL backup names the tool for it", async () => {
  const env = { DATABASE_URL: await newDatabase("postgresql") };
  const { code, errors } = await admin(["backup", join(newFolder(), "copy.db")], { env });
  expect(code).toBe(1);
  expect(errors).toContain("pg_dump");
});

test("make-secret prints a secret that the server takes, another one each time", async () => {
  const secret = (await adminProcess(["make-secret"], {}, newFolder())).output.trim();
  expect(secret).toMatch(/^[\w-]{64}$/);
  expect((await admin(["make-secret"], { env: {} })).output.trim()).not.toBe(secret);
  const { jwtSecrets } = loadConfig({ NODE_ENV: "production", JWT_SECRET: secret, WECHAT_APPS: "wx1:2" });
  expect(jwtSecrets).toEqual([secret]);
});

test("it reads .env, as the server does", async () => {
  const folder = newFolder();
  const { client, databaseUrl } = await startTestApp({ env: { DATABASE_URL: await newDatabase("sqlite") } });
  writeFileSync(join(folder, ".env"), `DATABASE_URL=${databaseUrl}\n`);
  const { user } = await client.signedIn("alice");
  expect((await adminProcess(["users"], {}, folder)).output).toContain(user.id);
});

test("no database is made by the way", async () => {
  const folder = newFolder();
  const { code, output, errors } = await adminProcess(["users"], {}, folder);
  expect({ code, output }).toEqual({ code: 1, output: "" });
  expect(errors).toMatch(/^There is no database at .*\n$/);
  expect(readdirSync(folder)).toEqual([]);
});

test("tables that are not there are left to the server", async () => {
  const file = join(newFolder(), "empty.db");
  writeFileSync(file, "");
  for (const url of [`sqlite:${file}`, await newDatabase("postgresql")]) {
    const { code, errors } = await admin(["users"], { env: { DATABASE_URL: url } });
    expect(code).toBe(1);
    expect(errors).toMatch(/^The tables are not those of this version\..*\n$/);
  }
});

test("a database that can't be reached is one sentence, without stack or password", async () => {
  const env = { DATABASE_URL: "postgresql://me:hunter2hunter2@127.0.0.1:1/x" };
  const { code, output, errors } = await admin(["users"], { env });
  expect({ code, output }).toEqual({ code: 1, output: "" });
  expect(errors).toMatch(/^Failed: .*ECONNREFUSED.*\n$/);
  expect(errors).not.toContain("hunter2");
});

test("a wrong DATABASE_URL is named", async () => {
  const { code, errors } = await admin(["users"], { env: { DATABASE_URL: "mysql://x" } });
  expect(code).toBe(1);
  expect(errors).toContain("DATABASE_URL");
});
