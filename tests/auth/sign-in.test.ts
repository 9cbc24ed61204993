import { expect, test } from "vitest";
import { firstApp, secondApp } from "../support/client.js";
import { startTestApp } from "../support/test-app.js";

const app = await startTestApp();
const { client } = app;

test("the first sign-in makes an account, the next one finds it", async () => {
  const first = await client.signedIn("alice");
  const second = await client.signedIn("alice");
  expect(first.isNewUser).toBe(true);
  expect(second.isNewUser).toBe(false);
  expect(second.user.id).toBe(first.user.id);
  expect(second.token).not.toBe(first.token);
});

test("different people get different accounts", async () => {
  const alice = await client.signedIn("alice");
  const bob = await client.signedIn("bob");
  expect(bob.user.id).not.toBe(alice.user.id);
});

test("the token says when it expires", async () => {
  const before = app.now().getTime();
  const { expiresAt } = await client.signedIn("alice");
  const life = new Date(expiresAt).getTime() - before;
  expect(life).toBeGreaterThan(2 * 3_600_000 - 2_000);
  expect(life).toBeLessThanOrEqual(2 * 3_600_000 + 2_000);
});

test("the account's id is a UUIDv7, which tells nobody how many there are", async () => {
  const { user } = await client.signedIn("alice");
  expect(user.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("the same person in two apps is one user, joined by the unionid", async () => {
  const here = await client.signedIn("carol", { appId: firstApp });
  const there = await client.signedIn("carol", { appId: secondApp });
  expect(there.user.id).toBe(here.user.id);
  expect(there.isNewUser).toBe(false);
});
