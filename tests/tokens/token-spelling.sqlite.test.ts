import { request } from "node:http";
import { expect, test } from "vitest";
import { decode, encode, forge, hmac } from "../support/forged-token.js";
import { startTestApp } from "../support/test-app.js";

const app = await startTestApp();
const { client } = app;
const { token } = await client.signedIn("alice");
const [header = "", payload = "", signature = ""] = token.split(".");

const withAuthorization = (authorization: string) =>
  client.request("query Me { me { id } }", { headers: { authorization } });

/** The same bytes in another spelling: the last character's lowest bits belong to no byte. */
function withStrayBits(part: string): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return `${part.slice(0, -1)}${letters[letters.indexOf(part.at(-1) ?? "") + 1]}`;
}

/** Base64url of JSON, with space behind it until the last character has bits to spare. */
function encodeWithRoom(value: object): string {
  const json = JSON.stringify(value);
  return encode(json + " ".repeat((4 - (json.length % 3)) % 3));
}

const roomyHeader = encodeWithRoom(decode(token).header);
const roomyPayload = encodeWithRoom(decode(token).payload);
const signed = (input: string) => `${input}.${hmac(input)}`;

test("stray bits spell the same bytes, so that refusing them is no accident", () => {
  const bytes = (text: string) => Buffer.from(text, "base64url").toString("hex");
  expect(withStrayBits(signature)).not.toBe(signature);
  for (const part of [signature, roomyHeader, roomyPayload]) expect(bytes(withStrayBits(part))).toBe(bytes(part));
});

/** A payload whose base64 has characters that base64url spells otherwise. */
const oddPayload = encode({ ...decode(token).payload, extra: "???>>>~~~ÿÿÿ" });
const oddInput = `${header}.${oddPayload}`;
const standard = (text: string) => text.replaceAll("-", "+").replaceAll("_", "/");

test("unusual tokens are accepted in their right spelling", async () => {
  expect(oddPayload).not.toBe(standard(oddPayload));
  expect(await client.me(signed(oddInput))).toMatchObject({ outcome: "ok" });
  expect(await client.me(signed(`${roomyHeader}.${roomyPayload}`))).toMatchObject({ outcome: "ok" });
});

test.each([
  ["stray bits", `${header}.${payload}.${withStrayBits(signature)}`],
  ["stray bits in the header", signed(`${withStrayBits(roomyHeader)}.${roomyPayload}`)],
  ["stray bits in the payload", signed(`${roomyHeader}.${withStrayBits(roomyPayload)}`)],
  ["padding", `${token}=`],
  ["padding in the payload", signed(`${header}.${payload}=`)],
  ["characters of standard base64", signed(`${header}.${standard(oddPayload)}`)],
  ["characters of standard base64 in the signature", `${header}.${payload}.${standard(signature).slice(0, -1)}+`],
  ["a space inside", `${header}.${payload} .${signature}`],
  ["a percent-encoded dot", `${header}%2E${payload}.${signature}`],
  ["a dot too many", `${token}.`],
  ["a dot in front", `.${token}`],
  ["two dots in a row", `${header}..${payload}.${signature}`],
  ["four parts", `${token}.${signature}`],
  ["five parts, as if encrypted", `${header}.${payload}.${signature}.${payload}.${signature}`],
  ["an empty signature", `${header}.${payload}.`],
  ["no signature", `${header}.${payload}`],
  ["a signature cut short", token.slice(0, -4)],
  ["a signature of 16 bytes", `${header}.${payload}.${signature.slice(0, 22)}`],
  ["a signature that goes on", `${token}AAAA`],
  ["the signature of another token", `${header}.${payload}.${hmac(`${header}.${payload}x`)}`],
  ["an empty header", `.${payload}.${signature}`],
  ["an empty payload", `${header}..${hmac(`${header}.`)}`],
  ["nothing but dots", ".."],
  ["quotes around it", `"${token}"`],
  ["a comma behind it", `${token},`],
  ["more claims than any of ours", forge(decode(token).header, { ...decode(token).payload, x: "x".repeat(4_000) })],
  ["12 kB of nonsense", "x".repeat(12_000)],
])("a token with %s is refused", async (_, forged) => {
  expect(await client.me(forged)).toMatchObject({ status: 200, outcome: "UNAUTHENTICATED" });
});

test.each(["Bearer", "bearer", "BEARER", "bEaReR"])("the scheme may be spelt %s", async (scheme) => {
  expect(await withAuthorization(`${scheme} ${token}`)).toMatchObject({ outcome: "ok" });
});

test.each([
  ["no scheme", token],
  ["another scheme", `Token ${token}`],
  ["the scheme twice", `Bearer Bearer ${token}`],
  ["no space", `Bearer${token}`],
  ["a colon", `Bearer: ${token}`],
  ["a tab", `Bearer\t${token}`],
  ["two tokens", `Bearer ${token} ${token}`],
  ["two tokens in a list", `Bearer ${token}, Bearer ${token}`],
  ["a password", `Basic ${Buffer.from(`alice:${token}`).toString("base64")}`],
  ["the scheme alone", "Bearer"],
  ["nothing", ""],
])("an Authorization header with %s is refused", async (_, authorization) => {
  expect(await withAuthorization(authorization)).toMatchObject({ status: 200, outcome: "UNAUTHENTICATED" });
});

test("a token anywhere but in the header counts for nothing", async () => {
  const headers = { cookie: `token=${token}; authorization=Bearer ${token}`, "x-access-token": token };
  expect(await client.request("query Me { me { id } }", { headers })).toMatchObject({ outcome: "UNAUTHENTICATED" });
  const query = new URLSearchParams({ query: "{ me { id } }", access_token: token });
  const response = await fetch(`${app.url}/graphql?${query}`, { headers: { "apollo-require-preflight": "1" } });
  expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "UNAUTHENTICATED" } }] });
});

test("a token of a megabyte is refused as a header too large", async () => {
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const post = request(`${app.url}/graphql`, {
      method: "POST",
      headers: { authorization: `Bearer ${"x".repeat(1_000_000)}` },
    });
    post.on("response", (response) => resolve(response.resume().statusCode)).on("error", reject);
    post.end();
  });
  expect(status).toBe(431);
  expect(await client.me(token)).toMatchObject({ outcome: "ok" });
});
