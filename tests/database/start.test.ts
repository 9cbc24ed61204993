import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { driver, newDatabase } from "../support/database.js";
import { startTestApp } from "../support/test-app.js";

test("three servers that start at once on an empty database make its tables once, and all come up", async () => {
  const env = { DATABASE_URL: await newDatabase() };
  const apps = await Promise.all([1, 2, 3].map(() => startTestApp({ env })));
  const [first, ...others] = await Promise.all(apps.map(({ client }) => client.signedIn("alice")));
  expect(others.map(({ user }) => user.id)).toEqual([first?.user.id, first?.user.id]);
});

test("the database closes though what a request left behind is still connecting to it", async () => {
  const { database } = await startTestApp();
  const left = [1, 2, 3, 4].map(() => database.checkConnection());
  await setImmediate();
  await database.close();
  const isRefused = (await Promise.all(left)).map(({ ok }) => !ok);
  if (driver === "postgresql") expect(isRefused).toContain(true);
});
