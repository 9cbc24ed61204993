import { expect, test } from "vitest";
import { deleteUser, disableUser, endSessions } from "../support/accounts.js";
import { secondApp } from "../support/client.js";
import { decode, forge } from "../support/forged-token.js";
import { newKeyFile } from "../support/key-files.js";
import { keepSecret } from "../support/log-search.js";
import { startTestApp, type TestApp } from "../support/test-app.js";

const INTROSPECTION_SECRET = "zGq0T7mX2vN5bK1c-for-tests";
keepSecret(INTROSPECTION_SECRET);
const app = await startTestApp({ env: { INTROSPECTION_SECRET } });
const { client } = app;

const bearer = { authorization: `Bearer ${INTROSPECTION_SECRET}` };
const form = (token: string) => new URLSearchParams({ token });

const post = (body: BodyInit, headers: Record<string, string> = bearer, { url }: { url: string } = app) =>
  fetch(`${url}/introspect`, { method: "POST", headers, body });

async function introspected(token: string, at: TestApp = app): Promise<unknown> {
  const response = await post(form(token), bearer, at);
  expect([response.status, response.headers.get("cache-control")]).toEqual([200, "no-store"]);
  return response.json();
}

test("a good token is active, with what it says and the app that signed in", async () => {
  const { token, user } = await client.signedIn("alice", { appId: secondApp });
  const { iss, aud, sid, jti, iat, exp } = decode(token).payload;
  expect(await introspected(token)).toEqual({
    ...{ active: true, token_type: "Bearer", sub: user.id, client_id: secondApp },
    ...{ iss, aud, sid, jti, iat, exp },
  });
});

test("a token signed by a key is active as well, and one of before with it", async () => {
  const before = await client.signedIn("alice");
  const env = { INTROSPECTION_SECRET, DATABASE_URL: app.databaseUrl, JWT_KEYS: newKeyFile().file };
  const signing = await startTestApp({ env });
  const { token } = await signing.client.signedIn("alice");
  for (const each of [token, before.token]) expect(await introspected(each, signing)).toMatchObject({ active: true });
  expect(await introspected(token)).toEqual({ active: false });
});

test.each<[string, string, (token: string, userId: string) => unknown]>([
  ["the session has ended", "bob", (_, userId) => endSessions(app, userId)],
  ["the user has signed out", "carol", (token) => client.request("mutation { logout }", { token })],
  ["the user is disabled", "dave", (_, userId) => disableUser(app, userId)],
  ["the user is deleted", "erin", (_, userId) => deleteUser(app, userId)],
])("a token is not active, and nothing is said of it, when %s", async (_, person, end) => {
  const { token, user } = await client.signedIn(person);
  expect(await introspected(token)).toMatchObject({ active: true });
  await end(token, user.id);
  expect(await introspected(token)).toEqual({ active: false });
});

test("a token is not active when it has expired", async () => {
  const server = await startTestApp({ env: { INTROSPECTION_SECRET, ACCESS_TOKEN_TTL: "10m" } });
  const { token } = await server.client.signedIn("alice");
  server.advance(600_000);
  expect(await introspected(token, server)).toEqual({ active: false });
});

test("what is no token of ours is not active: a refresh token, a forged one, another one, none", async () => {
  const { token, refreshToken } = await client.signedIn("alice");
  const { header, payload } = decode(token);
  const forged = forge({ ...header, alg: "none" }, payload);
  for (const bad of [refreshToken, forged, `${token}x`, token.slice(1), "", "x".repeat(50_000), INTROSPECTION_SECRET]) {
    expect(await introspected(bad)).toEqual({ active: false });
  }
});

test("other parameters are let be", async () => {
  const { token } = await client.signedIn("alice");
  const body = new URLSearchParams({ token_type_hint: "refresh_token", token, client_id: "x" });
  expect(await (await post(body)).json()).toMatchObject({ active: true });
});

test.each<[string, Record<string, string>, boolean]>([
  ["no secret", {}, false],
  ["a wrong one", { authorization: `Bearer ${INTROSPECTION_SECRET}x` }, true],
  ["the beginning of it", { authorization: `Bearer ${INTROSPECTION_SECRET.slice(0, -1)}` }, true],
  ["another scheme", { authorization: `Basic ${INTROSPECTION_SECRET}` }, false],
  ["the secret in another header", { "x-api-key": INTROSPECTION_SECRET }, false],
])("with %s nothing is said of a token, be it good or bad", async (_, headers, isInvalid) => {
  const { token } = await client.signedIn("alice");
  const answers: unknown[] = [];
  for (const body of [form(token), form("nonsense"), "x".repeat(1_000)]) {
    const response = await post(body, headers);
    const challenge = isInvalid ? 'Bearer realm="wxpass", error="invalid_token"' : 'Bearer realm="wxpass"';
    expect([response.status, response.headers.get("www-authenticate")]).toEqual([401, challenge]);
    expect(response.headers.get("cache-control")).toBe("no-store");
    const { errors } = await response.json();
    answers.push(errors[0].message);
  }
  expect(new Set(answers)).toEqual(new Set(["需要 INTROSPECTION_SECRET"]));
});

test("a user's own token is no secret that opens it", async () => {
  const { token } = await client.signedIn("alice");
  expect((await post(form(token), { authorization: `Bearer ${token}` })).status).toBe(401);
});

test.each<[number, string, BodyInit, Record<string, string>]>([
  [400, "no token", "a=b", { "content-type": "application/x-www-form-urlencoded" }],
  [400, "no body", "", { "content-type": "application/x-www-form-urlencoded" }],
  [400, "two tokens", "token=a&token=b", { "content-type": "application/x-www-form-urlencoded;charset=UTF-8" }],
  [413, "too much", form("x".repeat(200_000)), {}],
  [415, "JSON", '{"token":"x"}', { "content-type": "application/json" }],
  [415, "no type", new Uint8Array([1]), {}],
])("%i answers %s", async (status, _, body, headers) => {
  expect((await post(body, { ...bearer, ...headers })).status).toBe(status);
});

test("the token is in no line of the log", async () => {
  const { token, user } = await client.signedIn("alice");
  keepSecret(token);
  await introspected(token);
  await introspected(`${token}x`);
  await expect.poll(() => app.logged.filter(({ route }) => route === "/introspect").length).toBeGreaterThan(1);
  const lines = JSON.stringify(app.logged.filter(({ route }) => route === "/introspect"));
  for (const secret of [token, INTROSPECTION_SECRET, user.id]) expect(lines).not.toContain(secret);
});

test("without INTROSPECTION_SECRET there is nothing at /introspect, and nobody may GET it", async () => {
  const closed = await startTestApp();
  expect((await post(form("x"), bearer, closed)).status).toBe(404);
  expect((await fetch(`${app.url}/introspect?token=x`, { headers: bearer })).status).toBe(405);
});
