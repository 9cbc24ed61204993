import { copyFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app.js";

const fileOf = (app: TestApp) => app.databaseUrl.replace("sqlite:", "");
const ready = async (app: TestApp) => (await fetch(`${app.url}/readyz`)).status;
const found = (app: TestApp) =>
  app.logged.flatMap((line) => (typeof line["found"] === "string" ? [line["found"]] : []));

/** An app that somebody has signed in to, and that was well. */
async function startWell(): Promise<TestApp> {
  const app = await startTestApp();
  await app.client.signedIn("alice");
  expect(await ready(app)).toBe(200);
  expect(found(app)).toEqual([]);
  expect(app.logged.filter(({ msg }) => msg.includes("as it should be"))).toEqual([]);
  return app;
}

test.each([
  ["deleted", (file: string) => rmSync(file), /deleted/],
  [
    "replaced",
    (file: string) => {
      copyFileSync(file, `${file}.new`);
      renameSync(`${file}.new`, file);
    },
    /replaced/,
  ],
  ["overwritten", (file: string) => writeFileSync(file, Buffer.alloc(statSync(file).size, "x")), /corrupt/],
  ["emptied", (file: string) => truncateSync(file), /corrupt/],
])("a file that was %s under the running server is told once, and the server isn't ready", async (_, harm, words) => {
  const app = await startWell();
  harm(fileOf(app));
  for (let i = 0; i < 3; i++) expect(await ready(app)).toBe(503);
  expect(found(app)).toEqual([expect.stringMatching(words)]);
  expect((await fetch(`${app.url}/livez`)).status).toBe(200);
});

test("tables that can't be read any more make it unready", async () => {
  const app = await startWell();
  await app.database.em.getConnection().execute("alter table users rename to people");
  expect(await ready(app)).toBe(503);
  expect(found(app)).toEqual([expect.stringMatching(/can't be read/)]);
});

test("when nothing can be written it is told, and reading goes on; so is that it is over", async () => {
  const app = await startWell();
  const { token } = await app.client.signedIn("alice");
  const connection = app.database.em.getConnection();
  // SQLite refuses then as it does on a file system that is read-only.
  await connection.execute("pragma query_only = on");
  app.advance(60_000);
  expect(await ready(app)).toBe(200);
  expect(found(app)).toEqual([expect.stringMatching(/nothing can be written/)]);
  expect((await app.client.me(token)).outcome).toBe("ok");
  await connection.execute("pragma query_only = off");
  app.advance(60_000);
  expect(await ready(app)).toBe(200);
  expect(app.logged.map(({ msg }) => msg)).toContain("the database is as it should be again");
});

test("with the clock an hour back, it is still noticed that nothing can be written", async () => {
  const app = await startWell();
  app.advance(-3_600_000);
  await app.database.em.getConnection().execute("pragma query_only = on");
  expect(await ready(app)).toBe(200);
  expect(found(app)).toEqual([expect.stringMatching(/nothing can be written/)]);
});
