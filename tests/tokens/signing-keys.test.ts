import { expect, test } from "vitest";
import { firstApp } from "../support/client.js";
import { decode, forge } from "../support/forged-token.js";
import { newKeyFile } from "../support/key-files.js";
import { startTestApp, type TestApp } from "../support/test-app.js";

const rsa = newKeyFile("RS256");
const [first, second] = [newKeyFile(), newKeyFile()];

const ttlMs = 7_200_000;

/** The server, restarted with other keys on the same database; its clock goes on. */
async function restart(app: TestApp | undefined, JWT_KEYS: string, aheadMs = 0): Promise<TestApp> {
  await app?.close();
  const env = { JWT_KEYS, ...(app && { DATABASE_URL: app.databaseUrl }) };
  const next = await startTestApp({ env });
  next.advance(aheadMs);
  return next;
}

const kidOf = (token: string) => decode(token).header["kid"];

async function refreshed({ client }: TestApp, { refreshToken }: { refreshToken: string }) {
  const { outcome, data } = await client.refresh(refreshToken);
  const tokens = data?.refreshToken;
  if (!tokens) throw new Error(`signed out: ${outcome}`);
  return tokens;
}

/** A token of the session with times of now, as somebody could make it who still has the access key of `JWT_SECRET`. */
function forgedWithSecret(app: TestApp, token: string, kid: unknown): string {
  const iat = Math.floor(app.now().getTime() / 1_000);
  return forge({ alg: "HS256", typ: "at+jwt", kid }, { ...decode(token).payload, iat, exp: iat + 7_200 });
}

test.each([
  ["RS256", rsa],
  ["ES256", first],
])("a token signed %s has the claims of RFC 9068 and names its key", async (alg, { file, id }) => {
  const app = await restart(undefined, file);
  const { token, user } = await app.client.signedIn("alice");
  const { header, payload } = decode(token);
  expect(header).toEqual({ alg, typ: "at+jwt", kid: id });
  expect(payload).toMatchObject({ iss: "http://wxpass.test", aud: "wxpass", sub: user.id, client_id: firstApp });
  expect((await app.client.me(token)).data?.me?.id).toBe(user.id);
});

test("from HS256 to RS256, to a second key, without the first, and back to HS256 nobody is signed out", async () => {
  const steps: [JWT_KEYS: string, kid: string | undefined][] = [
    [`HS256,${rsa.file}`, undefined],
    [rsa.file, rsa.id],
    [`${rsa.file},${first.file}`, rsa.id],
    [`${first.file},${rsa.file}`, first.id],
    [first.file, first.id],
    [`HS256,${first.file}`, undefined],
    ["", undefined],
  ];
  let app = await restart(undefined, "");
  let tokens = await app.client.signedIn("alice");
  const secretKid = kidOf(tokens.token);
  for (const [JWT_KEYS, kid = secretKid] of steps) {
    const before = tokens.token;
    app = await restart(app, JWT_KEYS);
    expect([JWT_KEYS, (await app.client.me(before)).outcome]).toEqual([JWT_KEYS, "ok"]);
    tokens = await refreshed(app, tokens);
    expect(kidOf(tokens.token)).toBe(kid);
    for (const token of [before, tokens.token]) expect((await app.client.me(token)).outcome).toBe("ok");
  }
});

test("keys may change at once, too: tokens of a key that is gone are refused, and their sessions go on", async () => {
  let app = await restart(undefined, first.file);
  let tokens = await app.client.signedIn("alice");
  const steps: [JWT_KEYS: string, ofBefore: string][] = [
    [second.file, "UNAUTHENTICATED"],
    ["", "UNAUTHENTICATED"],
    [rsa.file, "ok"],
  ];
  for (const [JWT_KEYS, ofBefore] of steps) {
    app = await restart(app, JWT_KEYS);
    expect((await app.client.me(tokens.token)).outcome).toBe(ofBefore);
    tokens = await refreshed(app, tokens);
    expect((await app.client.me(tokens.token)).outcome).toBe("ok");
  }
});

test("with JWT_KEYS a token by HS256 counts until ACCESS_TOKEN_TTL after its session's change, also across a restart", async () => {
  const before = await restart(undefined, "");
  const old = await before.client.signedIn("alice");
  let app = await restart(before, rsa.file);
  const forged = () => forgedWithSecret(app, old.token, kidOf(old.token));
  expect((await app.client.me(forged())).outcome).toBe("ok");
  await refreshed(app, await refreshed(app, old));
  app.advance(ttlMs - 30_000);
  expect((await app.client.me(forged())).outcome).toBe("ok");
  app.advance(60_000);
  expect((await app.client.me(forged())).outcome).toBe("UNAUTHENTICATED");
  app = await restart(app, rsa.file, ttlMs + 30_000);
  expect((await app.client.me(forged())).outcome).toBe("UNAUTHENTICATED");
});

test("a token by HS256 counts for no session that was opened on a key", async () => {
  const before = await restart(undefined, "");
  const kid = kidOf((await before.client.signedIn("alice")).token);
  const app = await restart(before, first.file);
  const { token } = await app.client.signedIn("bob");
  expect((await app.client.me(token)).outcome).toBe("ok");
  expect((await app.client.me(forgedWithSecret(app, token, kid))).outcome).toBe("UNAUTHENTICATED");
});

test("a signed token counts until ACCESS_TOKEN_TTL after its session went back to HS256", async () => {
  const before = await restart(undefined, first.file);
  const old = await before.client.signedIn("alice");
  const app = await startTestApp({
    env: { DATABASE_URL: before.databaseUrl, JWT_KEYS: `HS256,${first.file}`, ACCESS_TOKEN_TTL: "10m" },
  });
  await refreshed(app, old);
  app.advance(9 * 60_000);
  expect((await app.client.me(old.token)).outcome).toBe("ok");
  app.advance(2 * 60_000);
  expect((await app.client.me(old.token)).outcome).toBe("UNAUTHENTICATED");
});

test("of two processes with other keys, each renews what the other has signed, an answer that got lost too", async () => {
  const one = await restart(undefined, first.file);
  const other = await startTestApp({ env: { DATABASE_URL: one.databaseUrl, JWT_KEYS: second.file } });
  const tokens = await one.client.signedIn("alice");
  const lost = await refreshed(other, tokens);
  const again = await refreshed(one, tokens);
  expect([kidOf(lost.token), kidOf(again.token)]).toEqual([second.id, first.id]);
  expect(again.refreshToken).toBe(lost.refreshToken);
  expect((await one.client.me(again.token)).outcome).toBe("ok");
  expect((await other.client.me(lost.token)).outcome).toBe("ok");
  const next = await refreshed(other, again);
  expect((await other.client.me(next.token)).outcome).toBe("ok");
});
