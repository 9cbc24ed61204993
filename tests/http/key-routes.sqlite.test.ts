import { createPublicKey, verify } from "node:crypto";
import { expect, test } from "vitest";
import { newKeyFile } from "../support/key-files.js";
import { startTestApp } from "../support/test-app.js";

const [rsa, ec] = [newKeyFile("RS256"), newKeyFile()];
const keySet = "/.well-known/jwks.json";
const metadata = ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"];

const app = await startTestApp({ env: { JWT_KEYS: `${rsa.file},${ec.file}` } });

const documentAt = async (url: string, path: string) => (await fetch(url + path)).json();

test("the key set has the public half of every key and nothing else, in their order", async () => {
  const part = expect.stringMatching(/^[\w-]+$/);
  expect(await documentAt(app.url, keySet)).toEqual({
    keys: [
      { kty: "RSA", kid: rsa.id, alg: "RS256", use: "sig", n: part, e: "AQAB" },
      { kty: "EC", kid: ec.id, alg: "ES256", use: "sig", crv: "P-256", x: part, y: part },
    ],
  });
});

test("the key set checks a token's signature", async () => {
  const { token } = await app.client.signedIn("alice");
  const [header = "", payload = "", signature = ""] = token.split(".");
  const { keys } = await documentAt(app.url, keySet);
  const key = createPublicKey({ key: keys[0], format: "jwk" });
  expect(JSON.parse(Buffer.from(header, "base64url").toString()).kid).toBe(keys[0].kid);
  expect(verify("sha256", Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, "base64url"))).toBe(true);
});

test("a key is published before it signs, while JWT_SECRET signs", async () => {
  const before = await startTestApp({ env: { JWT_KEYS: `HS256,${ec.file}` } });
  expect(await documentAt(before.url, keySet)).toMatchObject({ keys: [{ kid: ec.id }] });
  expect(await documentAt(before.url, keySet)).toHaveProperty("keys.length", 1);
});

test("RFC 7638's thumbprint names a key", async () => {
  const { calculateJwkThumbprint } = await import("jose");
  const { keys } = await documentAt(app.url, keySet);
  expect(await Promise.all(keys.map((key: object) => calculateJwkThumbprint(key)))).toEqual([rsa.id, ec.id]);
});

test.each(metadata)("%s says whose keys these are and where", async (path) => {
  expect(await documentAt(app.url, path)).toEqual({
    issuer: "http://wxpass.test",
    jwks_uri: "http://wxpass.test/.well-known/jwks.json",
    response_types_supported: [],
    grant_types_supported: [],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256", "ES256"],
  });
});

test("with a path in PUBLIC_URL the issuer has it, and the metadata is found on both ways of writing it", async () => {
  const PUBLIC_URL = "https://example.test/account/v1";
  const INTROSPECTION_SECRET = "secret-for-tests";
  const behindPath = await startTestApp({ env: { JWT_KEYS: ec.file, PUBLIC_URL, INTROSPECTION_SECRET } });
  for (const path of metadata.flatMap((each) => [each, `${each}/account/v1`])) {
    expect(await documentAt(behindPath.url, path)).toMatchObject({
      issuer: PUBLIC_URL,
      jwks_uri: `${PUBLIC_URL}/.well-known/jwks.json`,
      introspection_endpoint: `${PUBLIC_URL}/introspect`,
      id_token_signing_alg_values_supported: ["ES256"],
    });
  }
  expect((await fetch(`${behindPath.url}${metadata[0]}/account`)).status).toBe(404);
});

test.each([keySet, ...metadata])("%s may be kept for a short time and read by any web page", async (path) => {
  for (const method of ["GET", "HEAD"]) {
    const { status, headers } = await fetch(app.url + path, { method, headers: { origin: "https://shop.test" } });
    expect([status, headers.get("content-type")]).toEqual([200, "application/json; charset=utf-8"]);
    expect(headers.get("cache-control")).toBe("public, max-age=300");
    expect(headers.get("access-control-allow-origin")).toBe("*");
    expect(headers.get("cross-origin-resource-policy")).toBe("cross-origin");
  }
  expect((await fetch(app.url + path, { method: "POST" })).status).toBe(405);
});

test("without JWT_KEYS there is no key set that could be taken for an empty one", async () => {
  const { url } = await startTestApp();
  for (const path of [keySet, ...metadata]) expect((await fetch(url + path)).status).toBe(404);
});
