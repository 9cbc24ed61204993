import { expect, test } from "vitest";
import { startTestApp } from "../support/test-app.js";

test("the tables are what the entities say", async () => {
  const app = await startTestApp();
  expect(await app.database.schema.getUpdateSchemaSQL()).toBe("");
});
