import { createSign, generateKeyPairSync, randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { type Answer, firstApp } from "../support/client.js";
import { decode, encode, forge } from "../support/forged-token.js";
import { jwtSecret, startTestApp } from "../support/test-app.js";

const app = await startTestApp();
const { client } = app;
const { token: real, user } = await client.signedIn("alice");
const bob = await client.signedIn("bob");
const { header, payload } = decode(real);
const bobs = decode(bob.token).payload;
const seconds = () => Math.floor(app.now().getTime() / 1_000);

/** What the answer says, without the id that differs in every one. */
function said({ status, errors, data }: Answer) {
  return {
    status,
    data,
    errors: errors.map(({ extensions: { requestId, ...extensions }, ...error }) => ({ ...error, extensions })),
  };
}

const refusal = said(await client.me());

async function expectRefused(token: string): Promise<void> {
  expect(said(await client.me(token))).toEqual(refusal);
}

/** A record without one of its entries. */
const without = (record: Record<string, unknown>, name: string) =>
  Object.fromEntries(Object.entries(record).filter(([key]) => key !== name));

test("a request without a token is refused, with a message that says nothing about why", () => {
  expect(refusal).toMatchObject({
    status: 200,
    errors: [{ message: "请先登录", path: ["me"], extensions: { code: "UNAUTHENTICATED", retry: "NEW_CODE" } }],
  });
});

test("a token made by hand like a real one is accepted, so that what follows is refused for its fault", async () => {
  expect((await client.me(forge(header, payload))).data?.me?.id).toBe(user.id);
  expect((await client.me(forge(header, { ...payload, jti: randomUUID() }))).data?.me?.id).toBe(user.id);
});

test.each([
  "none",
  "None",
  "NONE",
  "nOnE",
  "",
  "HS384",
  "HS512",
  "hs256",
  "RS256",
  "ES256",
  "PS256",
  "EdDSA",
  null,
  256,
])("the algorithm %j is refused, unsigned and signed with our secret", async (alg) => {
  const forged = { ...header, alg };
  await expectRefused(forge(forged, payload));
  await expectRefused(`${encode(forged)}.${encode(payload)}.`);
  await expectRefused(`${encode(forged)}.${encode(payload)}`);
  await expectRefused(`${encode(forged)}.${encode(payload)}.${encode("none")}`);
});

test.each([
  ["HS384", "sha384"],
  ["HS512", "sha512"],
])("%s is refused with the right HMAC, also if the header says HS256", async (alg, hash) => {
  await expectRefused(forge({ ...header, alg }, payload, jwtSecret, hash));
  await expectRefused(forge(header, payload, jwtSecret, hash));
});

test("a public key signature is refused, whatever key the header brings", async () => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const jwk = publicKey.export({ format: "jwk" });
  for (const extra of [{}, { jwk }, { jku: "http://127.0.0.1:9/keys" }, { x5u: "http://127.0.0.1:9/cert" }]) {
    const input = `${encode({ ...header, alg: "RS256", ...extra })}.${encode(payload)}`;
    await expectRefused(`${input}.${createSign("sha256").update(input).sign(privateKey, "base64url")}`);
  }
});

test.each([
  ["without typ", without(header, "typ")],
  ["with the typ of any JWT", { ...header, typ: "JWT" }],
  ["with the typ of an access token in capitals", { ...header, typ: "AT+JWT" }],
  ["with the long form of typ", { ...header, typ: "application/at+jwt" }],
  ["with the typ of a refresh token", { ...header, typ: "rt+jwt" }],
  ["without kid", without(header, "kid")],
  ["with an unknown kid", { ...header, kid: "unknown0" }],
  ["with a kid that is a path", { ...header, kid: "../../../dev/null" }],
  ["with a kid that is SQL", { ...header, kid: "' or 1=1 --" }],
  ["with a kid that every object has", { ...header, kid: "constructor" }],
  ["with a kid that is no text", { ...header, kid: [header["kid"]] }],
  ["with a critical extension", { ...header, crit: ["exp"] }],
  ["with an empty list of critical extensions", { ...header, crit: [] }],
  ["with an unencoded payload", { ...header, b64: false, crit: ["b64"] }],
  ["with b64 alone", { ...header, b64: true }],
  ["with a compressed payload", { ...header, zip: "DEF" }],
  ["with a key of its own", { ...header, jwk: { kty: "oct", k: encode(jwtSecret) } }],
  ["with the address of a key", { ...header, jku: "http://127.0.0.1:9/keys" }],
  ["with the address of a certificate", { ...header, x5u: "http://127.0.0.1:9/cert" }],
  ["with a certificate", { ...header, x5c: ["MIIB"] }],
  ["that says it holds a JWT", { ...header, cty: "JWT" }],
  ["that is a list", [header]],
  ["that is null", null],
  ["that is a text", '"HS256"'],
  ["that is no JSON", "{"],
  ["that is empty", "{}"],
  ["with a byte order mark", `\ufeff${JSON.stringify(header)}`],
])("a header %s is refused", (_, forged) => expectRefused(forge(forged, payload)));

test.each(["iss", "aud", "sub", "sid", "jti", "iat", "exp"])("a token without %s is refused", async (claim) => {
  await expectRefused(forge(header, without(payload, claim)));
  await expectRefused(forge(header, { ...payload, [claim]: null }));
  await expectRefused(forge(header, { ...payload, [claim]: {} }));
  await expectRefused(forge(header, { ...payload, [claim]: [payload[claim]] }));
  await expectRefused(forge(header, { ...payload, [claim]: "" }));
});

test.each([
  ["another issuer", { iss: "http://evil.test" }],
  ["our issuer with a slash", { iss: "http://wxpass.test/" }],
  ["another audience", { aud: "wxpass-admin" }],
  ["several audiences, ours among them", { aud: ["other", "wxpass"] }],
  ["an app's id as audience", { aud: firstApp }],
  ["exp a second ago", { exp: seconds() - 1 }],
  ["exp now", { exp: seconds() }],
  ["exp as text", { exp: String(seconds() + 3_600) }],
  ["exp of half seconds", { exp: seconds() + 3_600.5 }],
  ["exp of 0", { exp: 0 }],
  ["exp below 0", { exp: -1 }],
  ["exp beyond all integers", { exp: 1e300 }],
  ["exp beyond the safe integers", { exp: 2 ** 53 }],
  ["exp of true", { exp: true }],
  ["iat in the future", { iat: seconds() + 120, exp: seconds() + 7_200 }],
  ["iat as text", { iat: String(seconds()) }],
  ["iat of half seconds", { iat: seconds() - 0.5 }],
  ["nbf in the future", { nbf: seconds() + 120 }],
  ["nbf as text", { nbf: "soon" }],
  ["sub of another user", { sub: bobs["sub"] }],
  ["sid of another user's session", { sid: bobs["sid"] }],
  ["sub of nobody", { sub: randomUUID() }],
  ["sid of no session", { sid: randomUUID() }],
  ["sub and sid swapped", { sub: payload["sid"], sid: payload["sub"] }],
  ["sub that is SQL", { sub: "' or '1'='1" }],
  ["sid that is SQL", { sid: `${payload["sid"]}' or '1'='1` }],
  ["sub with a zero byte", { sub: `${payload["sub"]}\u0000` }],
  ["sub that is a number", { sub: 1 }],
  ["sub without hyphens", { sub: String(payload["sub"]).replaceAll("-", "") }],
  ["jti that is no UUID", { jti: "1" }],
])("a token with %s is refused", (_, claims) => expectRefused(forge(header, { ...payload, ...claims })));

test.each([
  ["a list", [payload]],
  ["an empty list", []],
  ["null", null],
  ["a number", 42],
  ["true", true],
  ["a text", JSON.stringify("alice")],
  ["another token", real],
  ["another token as JSON", JSON.stringify(real)],
  ["no JSON", "{"],
  ["two objects", JSON.stringify(payload).repeat(2)],
  ["an empty object", {}],
  ["a list with the claims as properties", Object.entries(payload)],
])("a payload that is %s is refused", (_, forged) => expectRefused(forge(header, forged)));

test.each([
  ["the secret of somebody else", "x".repeat(32)],
  ["an empty secret", ""],
  ["the kid", String(header["kid"])],
])("a token signed with %s is refused", (_, secret) => expectRefused(forge(header, payload, secret)));
