import { Migration } from "@mikro-orm/migrations";
import { expect, test } from "vitest";
import { migrations } from "../../../src/database/migrations/migrations.js";
import { driver, newDatabase } from "../../support/database.js";
import { examined, startWellServer } from "../../support/doctor.js";
import { startTestApp, type TestApp } from "../../support/test-app.js";

/*
 * What `admin doctor` says of the database.
 */

class Later extends Migration {
  override up(): void {}
}

const { app, env } = await startWellServer();
const query = (text: string, { database }: TestApp = app) => database.em.getConnection().execute(text);
const list = () => query("select name from mikro_orm_migrations order by name");

test("all is well with a server that runs, and nothing is left of the examination", async () => {
  await app.client.signedIn("alice");
  const before = await list();
  const report = await examined(env);
  expect(report.findings.filter(({ state }) => state !== "ok").map(({ check }) => check)).toEqual([
    "settings",
    "certificate",
  ]);
  expect(report.about("database")).toEqual([expect.stringMatching(/^ok: .* can be read and written/)]);
  expect(await list()).toEqual(before);
  expect(report.version).toMatch(/^\d+\.\d+\.\d+$/);
});

test("a database without tables is one before its first start, and gets none", async () => {
  const url = await newDatabase();
  const report = await examined({ ...env, DATABASE_URL: url });
  expect(report.about("database")).toEqual([expect.stringMatching(/^skipped: .*no tables yet/)]);
  const first = await examined({ ...env, DATABASE_URL: url });
  expect(first.about("database")).toEqual(report.about("database"));
});

test("tables of another program are a fault, those of an older one a warning", async () => {
  const other = await startTestApp();
  const about = async () => (await examined({ ...env, DATABASE_URL: other.databaseUrl })).about("database");
  migrations[driver].push({ name: "2999-01-01-later", class: Later });
  try {
    expect(await about()).toEqual([expect.stringMatching(/^warning: the tables of .* older .* → Back up first/)]);
  } finally {
    migrations[driver].pop();
  }
  await query("insert into mikro_orm_migrations (name) values ('2999-01-01-later')", other);
  expect(await about()).toEqual([
    expect.stringMatching(
      /^fault: the tables of .* own back end, or by a newer version \(migrations 2999-01-01-later\)/,
    ),
  ]);
});

test("tables that can't be read are a fault", async () => {
  const other = await startTestApp();
  await query("alter table users rename to people", other);
  const { about } = await examined({ ...env, DATABASE_URL: other.databaseUrl });
  expect(about("database")).toEqual([expect.stringMatching(/^fault: .* can't be read/)]);
});

test.runIf(driver === "postgresql")(
  "a wrong password, a wrong name and a database that isn't there are faults",
  async () => {
    const url = new URL(env["DATABASE_URL"] ?? "");
    const wrong = (change: (url: URL) => void) => {
      const changed = new URL(url);
      change(changed);
      return examined({ ...env, DATABASE_URL: changed.href });
    };
    const password = await wrong((changed) => {
      changed.password = "not-the-password-at-all";
    });
    expect(password.about("database")).toEqual([expect.stringMatching(/^fault: PostgreSQL can't be opened \(28P01\)/)]);
    const name = await wrong((changed) => {
      changed.pathname = "/nowhere";
    });
    expect(name.about("database")).toEqual([expect.stringMatching(/^fault: PostgreSQL can't be opened \(3D000\)/)]);
    const port = await wrong((changed) => {
      changed.port = "1";
    });
    expect(port.about("database")).toEqual([expect.stringMatching(/^fault: .*\(ECONNREFUSED\)/)]);
    expect(port.about("wechat")).toEqual([expect.stringMatching(/^ok/)]);
  },
);

test.runIf(driver === "postgresql")("a PostgreSQL that can only be read is a fault", async () => {
  const url = `${env["DATABASE_URL"]}?options=${encodeURIComponent("-c default_transaction_read_only=on")}`;
  const { about } = await examined({ ...env, DATABASE_URL: url });
  expect(about("database")).toEqual([expect.stringMatching(/^fault: PostgreSQL can't be written to/)]);
});
