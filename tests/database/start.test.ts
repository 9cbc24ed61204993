import { expect, test } from "vitest";
import { newDatabase } from "../support/database.js";
import { startTestApp } from "../support/test-app.js";

test("three servers that start at once on an empty database make its tables once, and all come up", async () => {
  const env = { DATABASE_URL: await newDatabase() };
  const apps = await Promise.all([1, 2, 3].map(() => startTestApp({ env })));
  const [first, ...others] = await Promise.all(apps.map(({ client }) => client.signedIn("alice")));
  expect(others.map(({ user }) => user.id)).toEqual([first?.user.id, first?.user.id]);
});
