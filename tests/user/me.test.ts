import { expect, test } from "vitest";
import { startTestApp } from "../support/test-app.js";

const app = await startTestApp();
const { client } = app;

test("me is the user who signed in", async () => {
  const alice = await client.signedIn("alice");
  const bob = await client.signedIn("bob");
  expect((await client.me(alice.token)).data?.me).toEqual(alice.user);
  expect((await client.me(bob.token)).data?.me).toEqual(bob.user);
});

test("me needs a token", async () => {
  expect(await client.me()).toMatchObject({ status: 200, outcome: "UNAUTHENTICATED", data: null });
});

test("times are written in UTC, to the millisecond", async () => {
  const before = app.now().getTime();
  const { user } = await client.signedIn("carol");
  expect(user.createdAt).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);
  const made = new Date(user.createdAt).getTime();
  expect(made).toBeGreaterThanOrEqual(before);
  expect(made).toBeLessThanOrEqual(app.now().getTime());
});

test.each(["openid", "unionid", "sessionKey", "session_key", "disabledAt", "appId", "identities", "sessions", "role"])(
  "a user has no public %s",
  async (field) => {
    const { token } = await client.signedIn("alice");
    const answer = await client.request(`{ me { id ${field} } }`, { token });
    expect(answer).toMatchObject({ status: 400, outcome: "GRAPHQL_VALIDATION_FAILED" });
    expect(answer.data).toBeUndefined();
  },
);

test("one query may ask for the caller twice", async () => {
  const { token, user } = await client.signedIn("alice");
  const { data } = await client.request("{ me { id } again: me { id } }", { token });
  expect(data).toEqual({ me: { id: user.id }, again: { id: user.id } });
});
