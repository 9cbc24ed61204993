import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { decode, encode, forge } from "../support/forged-token.js";
import { newKeyFile } from "../support/key-files.js";
import { keepSecret } from "../support/log-search.js";
import { jwtSecret, startTestApp } from "../support/test-app.js";

/** Forged tokens of a server whose keys everybody knows the public halves of. */
const files = { RS256: newKeyFile("RS256"), ES256: newKeyFile() };
const app = await startTestApp({ env: { JWT_KEYS: `${files.RS256.file},${files.ES256.file}` } });
const { payload } = decode((await app.client.signedIn("alice")).token);

const privateKeyOf = ({ file }: { file: string }) => createPrivateKey(readFileSync(file, "utf8"));
const keys = { RS256: privateKeyOf(files.RS256), ES256: privateKeyOf(files.ES256) };
const headerOf = (alg: "RS256" | "ES256") => ({ alg, typ: "at+jwt", kid: files[alg].id });

const signature = (input: string, key: KeyObject) =>
  sign("sha256", Buffer.from(input), { key, dsaEncoding: "ieee-p1363" });

function signed(header: unknown, claims: unknown, key: KeyObject): string {
  const input = `${encode(header)}.${encode(claims)}`;
  const token = `${input}.${signature(input, key).toString("base64url")}`;
  keepSecret(token);
  return token;
}

const outcomeOf = async (token: string) => (await app.client.me(token)).outcome;

test.each(["RS256", "ES256"] as const)(
  "a token made by hand as by %s is accepted, if its session is on that key",
  async (alg) => {
    const server = await startTestApp({ env: { JWT_KEYS: files[alg].file } });
    const token = (await server.client.signedIn("alice")).token;
    expect((await server.client.me(signed(headerOf(alg), decode(token).payload, keys[alg]))).outcome).toBe("ok");
  },
);

test.each([
  ["no algorithm", { alg: "none" }],
  ["another hash", { alg: "RS512" }],
  ["the algorithm of the other key", { alg: "ES256" }],
  ["RSA with another padding", { alg: "PS256" }],
  ["the type of any JWT", { typ: "JWT" }],
  ["the type of an ID token", { typ: "id+jwt" }],
  ["the name of another key", { kid: files.ES256.id }],
  ["the name of no key", { kid: "x".repeat(43) }],
  ["a name that every object has", { kid: "constructor" }],
  ["a key of its own", { jwk: createPublicKey(keys.RS256).export({ format: "jwk" }) }],
  ["the address of a key set", { jku: "http://127.0.0.1:9/jwks.json" }],
])("a rightly signed token with %s is refused", async (_, changed) => {
  expect(await outcomeOf(signed(headerOf("RS256"), payload, keys.RS256))).toBe("ok");
  expect(await outcomeOf(signed({ ...headerOf("RS256"), ...changed }, payload, keys.RS256))).toBe("UNAUTHENTICATED");
});

test.each([
  ["issuer", { iss: "http://evil.test" }],
  ["audience", { aud: "wxpass-admin" }],
  ["user", { sub: "0192d5e0-1111-7222-8333-444455556666" }],
  ["session", { sid: "0192d5e0-1111-7222-8333-444455556666" }],
  ["time", { exp: 1 }],
])("a rightly signed token of another %s is refused", async (_, claims) => {
  expect(await outcomeOf(signed(headerOf("RS256"), { ...payload, ...claims }, keys.RS256))).toBe("UNAUTHENTICATED");
});

test("a public key is no secret: with it as the secret of HMAC nothing is signed", async () => {
  for (const alg of ["RS256", "ES256"] as const) {
    const publicKey = createPublicKey(keys[alg]);
    const spellings = [
      publicKey.export({ type: "spki", format: "pem" }),
      publicKey.export({ type: "spki", format: "der" }),
      JSON.stringify(publicKey.export({ format: "jwk" })),
    ];
    for (const secret of spellings) {
      const input = `${encode({ ...headerOf(alg), alg: "HS256" })}.${encode(payload)}`;
      const mac = createHmac("sha256", secret).update(input).digest("base64url");
      expect(await outcomeOf(`${input}.${mac}`)).toBe("UNAUTHENTICATED");
    }
  }
});

test("the access key of JWT_SECRET signs for no key, and no key signs for the secret", async () => {
  const server = await startTestApp();
  const { header } = decode((await server.client.signedIn("alice")).token);
  for (const alg of ["HS256", "RS256", "ES256"]) {
    expect(await outcomeOf(forge({ ...headerOf("RS256"), alg }, payload, jwtSecret))).toBe("UNAUTHENTICATED");
    expect(await outcomeOf(signed({ ...header, alg }, payload, keys.RS256))).toBe("UNAUTHENTICATED");
  }
});

test("a strange key that is named like ours signs nothing", async () => {
  const { privateKey: rsa } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  const { privateKey: ec } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  expect(await outcomeOf(signed(headerOf("RS256"), payload, rsa))).toBe("UNAUTHENTICATED");
  expect(await outcomeOf(signed(headerOf("ES256"), payload, ec))).toBe("UNAUTHENTICATED");
});

test.each(["RS256", "ES256"] as const)("a signature by %s of any wrong length or value is refused", async (alg) => {
  const input = `${encode(headerOf(alg))}.${encode(payload)}`;
  const right = signature(input, keys[alg]);
  const der = sign("sha256", Buffer.from(input), keys.ES256);
  const wrong = [
    right.subarray(1),
    right.subarray(0, 1),
    Buffer.concat([right, Buffer.alloc(1)]),
    Buffer.concat([right, right]),
    Buffer.alloc(right.length),
    Buffer.alloc(right.length, 0xff),
    Buffer.alloc(32),
    der,
  ];
  for (const bytes of wrong) expect(await outcomeOf(`${input}.${bytes.toString("base64url")}`)).toBe("UNAUTHENTICATED");
});
