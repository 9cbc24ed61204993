import { createHmac } from "node:crypto";
import jwt from "jsonwebtoken";
import { expect, test } from "vitest";
import { createKeyRing } from "../../src/tokens/keys.js";
import { createRefreshTokens } from "../../src/tokens/refresh-tokens.js";
import { admin } from "../support/admin.js";
import { decode, forge } from "../support/forged-token.js";
import { keepSecret } from "../support/log-search.js";
import { jwtSecret as old, startTestApp } from "../support/test-app.js";

const fresh = "another-secret-for-tests-that-is-long-enough-9876543210";
const both = { JWT_SECRET: `${fresh},${old}` };
const oldRefresh = createRefreshTokens(createKeyRing([old]));

/** A session of before the change of secrets, and the server after it, on one database. */
async function changeSecrets() {
  const before = await startTestApp();
  const session = await before.client.signedIn("alice");
  await before.close();
  const env = { DATABASE_URL: before.databaseUrl, ...both };
  return { session, env, after: await startTestApp({ env }) };
}

test("the derivations and the bytes of tokens never change", () => {
  const [keys] = createKeyRing([old]);
  const refreshToken = oldRefresh.issue({
    id: "0192d5e0-1111-7222-8333-444455556666",
    generation: 7,
    keyId: oldRefresh.keyId,
  });
  keepSecret(refreshToken);
  const exported = [keys.access, keys.refresh, keys.rateLimits].map((key) => key.export().toString("base64url"));
  expect([keys.id, ...exported, refreshToken]).toMatchInlineSnapshot(`
    [
      "1SaX55Mv",
      "TGFpSndXUTEzUXZ6VEhpaEt2VXJSMXlGMDhGNXp5WnVRY2xMR0c5VmJRZw",
      "inYchsyPXOzQoYPOd7lewtbAc93PEHqSJaxgmxWsi6A",
      "AUmIdqE3uolXd542xnqdc9UsEmsdGxcPdc-bzNHOY2M",
      "AdUml-eTLwGS1eAREXIigzNERFVVZmYAAAAHKDiXQMgEogqCRmOpWQ5Ovy8KV7j_1V4N_JWPy74oN2o",
    ]
  `);
});

test("a token forged with an old secret counts for no session that was opened after the change", async () => {
  const app = await startTestApp({ env: both });
  const { token, refreshToken } = await app.client.signedIn("alice");
  const { header, payload } = decode(token);
  const forged = forge({ ...header, kid: oldRefresh.keyId }, payload, old);
  expect((await app.client.me(forged)).outcome).toBe("UNAUTHENTICATED");
  for (const generation of [0, 1]) {
    const forgery = oldRefresh.issue({ id: String(payload["sid"]), generation, keyId: oldRefresh.keyId });
    expect((await app.client.refresh(forgery)).outcome).toBe("REFRESH_TOKEN_INVALID");
  }
  expect((await app.client.refresh(refreshToken)).outcome).toBe("ok");
});

test("an access token of the old secret counts until ACCESS_TOKEN_TTL after its session's change, also across a restart", async () => {
  const { session, env, after } = await changeSecrets();
  expect((await after.client.me(session.token)).outcome).toBe("ok");
  const changed = (await after.client.refresh(session.refreshToken)).data?.refreshToken;
  expect(decode(changed?.token ?? "").header["kid"]).not.toBe(oldRefresh.keyId);
  const { payload } = decode(session.token);
  const forged = () => {
    const iat = Math.floor(after.now().getTime() / 1_000);
    const header = { alg: "HS256", typ: "at+jwt", kid: oldRefresh.keyId };
    return forge(header, { ...payload, iat, exp: iat + 7_200 }, old);
  };
  expect((await after.client.me(session.token)).outcome).toBe("ok");
  after.advance(7_200_000 - 30_000);
  expect((await after.client.me(forged())).outcome).toBe("ok");
  after.advance(60_000);
  expect((await after.client.me(forged())).outcome).toBe("UNAUTHENTICATED");
  const restarted = await startTestApp({ env });
  restarted.advance(7_230_000);
  expect((await restarted.client.me(forged())).outcome).toBe("UNAUTHENTICATED");
  expect((await restarted.client.refresh(changed?.refreshToken ?? "")).outcome).toBe("ok");
});

test("an answer that got lost at the change of secrets can be had again, and no later one with the old secret", async () => {
  const { session, after } = await changeSecrets();
  const first = (await after.client.refresh(session.refreshToken)).data?.refreshToken?.refreshToken;
  const again = (await after.client.refresh(session.refreshToken)).data?.refreshToken?.refreshToken;
  expect(again).toBe(first);
  const next = (await after.client.refresh(first ?? "")).data?.refreshToken;
  const forgery = oldRefresh.issue({
    id: String(decode(session.token).payload["sid"]),
    generation: 1,
    keyId: oldRefresh.keyId,
  });
  expect((await after.client.refresh(forgery)).outcome).toBe("REFRESH_TOKEN_INVALID");
  expect(next?.refreshToken).toBeDefined();
});

test("access-key prints what other services check access tokens with, for each secret, and nothing makes refresh tokens of it", async () => {
  const { code, output } = await admin(["access-key"], { env: both });
  const [first = "", second = "", ...rest] = output.trimEnd().split("\n");
  keepSecret(first, second);
  expect({ code, rest }).toEqual({ code: 0, rest: [] });
  const app = await startTestApp({ env: both });
  const { token } = await app.client.signedIn("alice");
  expect(jwt.verify(token, first, { algorithms: ["HS256"], audience: "wxpass" })).toMatchObject({ aud: "wxpass" });
  expect(() => jwt.verify(token, second, { algorithms: ["HS256"] })).toThrow("invalid signature");
  const [keys] = createKeyRing([first]);
  const forger = createRefreshTokens([{ ...keys, id: String(decode(token).header["kid"]) }]);
  const sid = String(decode(token).payload["sid"]);
  const forgery = forger.issue({ id: sid, generation: 0, keyId: forger.keyId });
  expect((await app.client.refresh(forgery)).outcome).toBe("REFRESH_TOKEN_INVALID");
});

test("access tokens of before the derivation end, and their sessions don't", async () => {
  const app = await startTestApp();
  const { token, refreshToken } = await app.client.signedIn("alice");
  const [header, payload] = token.split(".");
  const mac = createHmac("sha256", old).update(`${header}.${payload}`).digest("base64url");
  expect((await app.client.me(`${header}.${payload}.${mac}`)).outcome).toBe("UNAUTHENTICATED");
  expect((await app.client.refresh(refreshToken)).outcome).toBe("ok");
});

test("an app that is taken out of WECHAT_APPS ends its sessions", async () => {
  const apps = (...names: string[]) => names.map((name) => `${name}:0123456789abcdef0123456789abcdef`).join(",");
  const simulator = { WECHAT_SIMULATOR: "on" };
  const before = await startTestApp({ env: { ...simulator, WECHAT_APPS: apps("wxone", "wxtwo") } });
  const gone = await before.client.signedIn("alice", { appId: "wxone" });
  const kept = await before.client.signedIn("bob", { appId: "wxtwo" });
  await before.close();
  const env = { ...simulator, DATABASE_URL: before.databaseUrl, WECHAT_APPS: apps("wxtwo") };
  const after = await startTestApp({ env });
  expect((await after.client.me(gone.token)).outcome).toBe("UNAUTHENTICATED");
  expect((await after.client.refresh(gone.refreshToken)).outcome).toBe("REFRESH_TOKEN_INVALID");
  expect((await after.client.me(kept.token)).outcome).toBe("ok");
  expect((await after.client.refresh(kept.refreshToken)).outcome).toBe("ok");
});

test("an access token of the old secret goes on counting when its session is refreshed once more", async () => {
  const { session, after } = await changeSecrets();
  const first = (await after.client.refresh(session.refreshToken)).data?.refreshToken?.refreshToken ?? "";
  expect((await after.client.refresh(first)).outcome).toBe("ok");
  expect((await after.client.me(session.token)).outcome).toBe("ok");
});

test("of three secrets, sessions of each go on, and the first one signs for all of them", async () => {
  const before = await startTestApp();
  const session = await before.client.signedIn("alice");
  await before.close();
  const between = "a-third-secret-for-tests-that-is-long-enough-5647382910";
  const JWT_SECRET = [fresh, between, old].join(",");
  const after = await startTestApp({ env: { DATABASE_URL: before.databaseUrl, JWT_SECRET } });
  expect((await after.client.me(session.token)).outcome).toBe("ok");
  const next = (await after.client.refresh(session.refreshToken)).data?.refreshToken;
  expect(decode(next?.token ?? "").header["kid"]).toBe(createKeyRing([fresh])[0].id);
});
