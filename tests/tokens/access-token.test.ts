import { KeyObject } from "node:crypto";
import jwt from "jsonwebtoken";
import { expect, test, vi } from "vitest";
import { deleteUser, disableUser, endSessions } from "../support/accounts.js";
import { firstApp } from "../support/client.js";
import { decode, forge } from "../support/forged-token.js";
import { jwtSecret, startTestApp } from "../support/test-app.js";

const app = await startTestApp();
const { client } = app;

const newSecret = "another-secret-for-tests-that-is-long-enough-9876543210";

test("a token is a JWT with exactly the claims of ours", async () => {
  const { token, user } = await client.signedIn("alice");
  const uuid = expect.stringMatching(/^[0-9a-f-]{36}$/);
  const { header, payload } = decode(token);
  expect(header).toEqual({ alg: "HS256", typ: "at+jwt", kid: expect.stringMatching(/^[\w-]{8}$/) });
  expect(payload).toEqual({
    iss: "http://wxpass.test",
    aud: "wxpass",
    sub: user.id,
    client_id: firstApp,
    sid: uuid,
    jti: uuid,
    iat: expect.any(Number),
    exp: Number(payload["iat"]) + 7_200,
  });
});

test("a token says when it expires as the login did, and works until then", async () => {
  const server = await startTestApp({ env: { ACCESS_TOKEN_TTL: "10m" } });
  const { token, expiresAt } = await server.client.signedIn("alice");
  expect(Number(decode(token).payload["exp"]) * 1_000).toBe(new Date(expiresAt).getTime());
  server.advance(new Date(expiresAt).getTime() - server.now().getTime() - 60_000);
  expect(await server.client.me(token)).toMatchObject({ outcome: "ok" });
  server.advance(60_000);
  expect(await server.client.me(token)).toMatchObject({ status: 200, outcome: "UNAUTHENTICATED" });
});

test("a token survives a restart", async () => {
  const before = await startTestApp();
  const { token, user } = await before.client.signedIn("alice");
  await before.close();
  const after = await startTestApp({ env: { DATABASE_URL: before.databaseUrl } });
  expect((await after.client.me(token)).data?.me?.id).toBe(user.id);
});

test("a new secret signs while the old one still verifies, until it is taken out", async () => {
  const env = { DATABASE_URL: app.databaseUrl };
  const rotating = await startTestApp({ env: { ...env, JWT_SECRET: `${newSecret},${jwtSecret}` } });
  const rotated = await startTestApp({ env: { ...env, JWT_SECRET: newSecret } });

  const old = await client.signedIn("alice");
  const fresh = await rotating.client.signedIn("alice");
  expect(decode(fresh.token).header["kid"]).not.toBe(decode(old.token).header["kid"]);

  expect(await rotating.client.me(old.token)).toMatchObject({ outcome: "ok" });
  expect(await rotating.client.me(fresh.token)).toMatchObject({ outcome: "ok" });
  expect(await rotated.client.me(fresh.token)).toMatchObject({ outcome: "ok" });
  expect(await rotated.client.me(old.token)).toMatchObject({ status: 200, outcome: "UNAUTHENTICATED" });
  expect(await client.me(fresh.token)).toMatchObject({ status: 200, outcome: "UNAUTHENTICATED" });
});

test("the key of one secret doesn't vouch for another's name", async () => {
  const server = await startTestApp({
    env: { DATABASE_URL: app.databaseUrl, JWT_SECRET: `${newSecret},${jwtSecret}` },
  });
  const { kid: oldKid } = decode((await client.signedIn("alice")).token).header;
  const { header, payload } = decode((await server.client.signedIn("alice")).token);
  const { kid } = header;
  expect(await server.client.me(forge({ ...header, kid: oldKid }, payload, jwtSecret))).toMatchObject({
    outcome: "UNAUTHENTICATED",
  });
  expect(await server.client.me(forge({ ...header, kid }, payload, newSecret))).toMatchObject({ outcome: "ok" });
  expect(await server.client.me(forge({ ...header, kid }, payload, jwtSecret))).toMatchObject({
    outcome: "UNAUTHENTICATED",
  });
});

test("secrets are kept as key objects, which jsonwebtoken uses without guessing", async () => {
  const sign = vi.spyOn(jwt, "sign");
  const verify = vi.spyOn(jwt, "verify");
  const { token } = await client.signedIn("alice");
  await client.me(token);
  expect(sign.mock.calls.map((call) => call[1])).toEqual([expect.any(KeyObject)]);
  expect(verify.mock.calls.map((call) => call[1])).toEqual([expect.any(KeyObject)]);
  vi.restoreAllMocks();
});

test("an ended session ends its token at once, and no other", async () => {
  const alice = await client.signedIn("alice");
  const bob = await client.signedIn("bob");
  await endSessions(app, alice.user.id);
  expect(await client.me(alice.token)).toMatchObject({ status: 200, outcome: "UNAUTHENTICATED" });
  expect(await client.me(bob.token)).toMatchObject({ outcome: "ok" });
});

test("a disabled user's token ends at once", async () => {
  const { token, user } = await client.signedIn("carol");
  await disableUser(app, user.id);
  expect(await client.me(token)).toMatchObject({ status: 200, outcome: "USER_DISABLED" });
});

test("a deleted user's token ends at once, and signing in makes a new account", async () => {
  const { token, user } = await client.signedIn("dave");
  await deleteUser(app, user.id);
  expect(await client.me(token)).toMatchObject({ status: 200, outcome: "UNAUTHENTICATED" });
  const again = await client.signedIn("dave");
  expect(again.isNewUser).toBe(true);
  expect(again.user.id).not.toBe(user.id);
  expect(await client.me(token)).toMatchObject({ outcome: "UNAUTHENTICATED" });
});
