import { readdirSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Migration } from "@mikro-orm/migrations";
import { afterEach, expect, test } from "vitest";
import { migrations } from "../../src/database/migrations/migrations.js";
import { version } from "../../src/version.js";
import { sweep } from "../support/sweep.js";
import { startTestApp } from "../support/test-app.js";

class Later extends Migration {
  override up(): void {
    this.addSql("alter table users add column later text");
  }
}

const released = [...migrations.sqlite];

afterEach(() => {
  migrations.sqlite.splice(0, Infinity, ...released);
});

/** A database in which alice is known, and a version that is about to change its tables. */
async function startedBefore() {
  const app = await startTestApp();
  const { user } = await app.client.signedIn("alice");
  await app.close();
  const file = app.databaseUrl.replace("sqlite:", "");
  migrations.sqlite.push({ name: "2999-01-01-later", class: Later });
  const env = { DATABASE_URL: app.databaseUrl };
  const beside = () => readdirSync(dirname(file)).filter((name) => name.startsWith(`${basename(file)}.`));
  return { file, user, beside, copy: `${file}.before-${version}`, start: () => startTestApp({ env }) };
}

function read(file: string, sql: string) {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return database.prepare(sql).all();
  } finally {
    database.close();
  }
}

const columns = "select name from pragma_table_info('users') where name = 'later'";

test("before the tables of a database change there is a copy of it beside it, for nobody else to read, and only one", async () => {
  const { file, user, copy, beside, start } = await startedBefore();
  writeFileSync(`${file}.before-0.0.1`, "from an earlier migration");
  writeFileSync(`${copy}.draft`, "from a start that was killed");
  const app = await start();
  expect(beside()).toEqual([basename(copy)]);
  expect(statSync(copy).mode & 0o777).toBe(0o600);
  expect(read(copy, "select id from users")).toEqual([{ id: user.id }]);
  expect(read(copy, columns)).toEqual([]);
  expect(await app.database.em.getConnection().execute(columns)).toHaveLength(1);
  expect((await app.client.signedIn("alice")).user.id).toBe(user.id);
});

test("the copy is removed after seven days, with whoever was erased meanwhile", async () => {
  const { copy, beside, start } = await startedBefore();
  const app = await start();
  app.advance(6.9 * 86_400_000);
  await sweep(app);
  expect(beside()).toEqual([basename(copy)]);
  app.advance(0.2 * 86_400_000);
  await sweep(app);
  expect(beside()).toEqual([]);
});

test("where nothing is to be changed there is no copy, nor of a database that is new", async () => {
  const { beside, start } = await startedBefore();
  migrations.sqlite.pop();
  await start();
  expect(beside()).toEqual([]);
});

test("without room for the copy nothing is changed, and the figures are told", async () => {
  const { file, beside, start } = await startedBefore();
  const size = statSync(file).size;
  // SQLite goes by the size that it has written into the file.
  truncateSync(file, 2 ** 43);
  await expect(start()).rejects.toThrow(/DATABASE_URL: .* needs 8796093\.0 MB beside it, where [\d.]+ MB are free/);
  truncateSync(file, size);
  expect(beside()).toEqual([]);
  expect(read(file, columns)).toEqual([]);
});
