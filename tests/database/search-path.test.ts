import { randomBytes } from "node:crypto";
import { describe, expect, inject, test } from "vitest";
import { driver, newDatabase } from "../support/database.js";
import { queryPostgres } from "../support/postgres.js";
import { startTestApp } from "../support/test-app.js";

const start = (url: string) => startTestApp({ env: { DATABASE_URL: url } });

/** Starts three times in a row, the third beside the second, and returns whom each signed in. */
async function startThrice(url: string): Promise<string[]> {
  const first = await start(url);
  const ids = [(await first.client.signedIn("alice")).user.id];
  await first.close();
  for (let i = 0; i < 2; i++) {
    const { client } = await start(url);
    ids.push((await client.signedIn("alice")).user.id);
  }
  return ids;
}

const tablesIn = async (url: string, schema: string) =>
  (await queryPostgres(url, `select table_name from information_schema.tables where table_schema = '${schema}'`))
    .length;

describe.runIf(driver === "postgresql")("the tables lie where the search path leads", () => {
  test("a role with a schema of its own starts again and again", async () => {
    const url = await newDatabase();
    const role = `role_${randomBytes(4).toString("hex")}`;
    await queryPostgres(url, `create role ${role} login password 'wxpass'; create schema authorization ${role}`);
    const own = new URL(url);
    own.username = role;
    expect(new Set(await startThrice(own.href)).size).toBe(1);
    expect(await tablesIn(url, role)).toBeGreaterThan(5);
    expect(await tablesIn(url, "public")).toBe(0);
  });

  test("so does another search path in the address", async () => {
    const url = await newDatabase();
    await queryPostgres(url, `create schema "Other"`);
    expect(new Set(await startThrice(`${url}?options=-c%20search_path%3D%22Other%22`)).size).toBe(1);
    expect(await tablesIn(url, "Other")).toBeGreaterThan(5);
  });

  test("what is in public stays there when the role gets a schema of its own", async () => {
    const url = await newDatabase();
    const { user } = await (await start(url)).client.signedIn("alice");
    await queryPostgres(url, "create schema wxpass");
    expect((await (await start(url)).client.signedIn("alice")).user.id).toBe(user.id);
  });

  test("a search path that leads nowhere ends the start", async () => {
    const url = `${await newDatabase()}?options=-c%20search_path%3Dnowhere`;
    await expect(start(url)).rejects.toThrow(/DATABASE_URL.*search path/);
  });

  test("a database that isn't there is not made", async () => {
    const name = `missing_${randomBytes(4).toString("hex")}`;
    await expect(start(`${inject("postgresUrl")}/${name}`)).rejects.toThrow(/DATABASE_URL.*no database of this name/);
    const all = `select 1 from pg_database where datname = '${name}'`;
    expect(await queryPostgres(`${inject("postgresUrl")}/postgres`, all)).toEqual([]);
  });
});

describe.runIf(driver === "postgresql")("readyz on PostgreSQL", () => {
  test("tells once that nothing can be written, as on a standby, and stays ready", async () => {
    const url = await newDatabase();
    const name = new URL(url).pathname.slice(1);
    const app = await start(`${url}?application_name=standby`);
    await queryPostgres(url, `alter database ${name} set default_transaction_read_only = on`);
    await queryPostgres(
      url,
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'standby'",
    );
    const ready = async () => (await fetch(`${app.url}/readyz`)).status;
    await expect.poll(ready).toBe(200);
    expect(await ready()).toBe(200);
    const found = app.logged.flatMap((line) => ("found" in line ? [line["found"]] : []));
    expect(found.filter((what) => what === "nothing can be written to the database")).toHaveLength(1);
  });
});
