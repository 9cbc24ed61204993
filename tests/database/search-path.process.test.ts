import { randomBytes } from "node:crypto";
import { expect, inject, test } from "vitest";
import { newDatabase } from "../support/database.js";
import { queryPostgres } from "../support/postgres.js";
import { newFolder, spawnServer, startServer } from "../support/server-process.js";
import { jwtSecret } from "../support/test-app.js";

/** Starts three times in a row, the third beside the second, and returns whom each signed in. */
async function startThrice(url: string): Promise<(string | undefined)[]> {
  const env = { DATABASE_URL: url, JWT_SECRET: jwtSecret };
  const first = await startServer(env, newFolder());
  const ids = [(await first.client.signedIn("alice")).user.id];
  first.child.kill("SIGTERM");
  expect(await first.exited).toBe(0);
  for (let i = 0; i < 2; i++) {
    const { client } = await startServer(env, newFolder());
    ids.push((await client.signedIn("alice")).user.id);
  }
  return ids;
}

const tablesIn = async (url: string, schema: string) =>
  (await queryPostgres(url, `select table_name from information_schema.tables where table_schema = '${schema}'`))
    .length;

test("a role with a schema of its own starts again and again", async () => {
  const url = await newDatabase("postgresql");
  const role = `role_${randomBytes(4).toString("hex")}`;
  await queryPostgres(url, `create role ${role} login password 'wxpass'; create schema authorization ${role}`);
  const own = new URL(url);
  own.username = role;
  expect(new Set(await startThrice(own.href)).size).toBe(1);
  expect(await tablesIn(url, role)).toBeGreaterThan(5);
  expect(await tablesIn(url, "public")).toBe(0);
});

test("so does another search path in the address", async () => {
  const url = await newDatabase("postgresql");
  await queryPostgres(url, `create schema "Other"`);
  expect(new Set(await startThrice(`${url}?options=-c%20search_path%3D%22Other%22`)).size).toBe(1);
  expect(await tablesIn(url, "Other")).toBeGreaterThan(5);
});

test("tables that are in public stay where they are when the role gets a schema of its own", async () => {
  const url = await newDatabase("postgresql");
  const env = { DATABASE_URL: url, JWT_SECRET: jwtSecret };
  const before = await startServer(env, newFolder());
  const { user } = await before.client.signedIn("alice");
  await queryPostgres(url, "create schema wxpass");
  const after = await startServer(env, newFolder());
  expect((await after.client.signedIn("alice")).user.id).toBe(user.id);
});

test("a database that isn't there is not made", async () => {
  const name = `missing_${randomBytes(4).toString("hex")}`;
  const server = spawnServer({ DATABASE_URL: `${inject("postgresUrl")}/${name}` }, newFolder());
  expect(await server.exited).toBe(1);
  expect(server.output()).toMatch(/DATABASE_URL.*no database of this name/);
  const found = await queryPostgres(
    `${inject("postgresUrl")}/postgres`,
    `select 1 from pg_database where datname = '${name}'`,
  );
  expect(found).toEqual([]);
});
