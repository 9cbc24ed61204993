import { createHmac } from "node:crypto";
import { accessKeyOf } from "../../src/tokens/keys.js";
import { keepSecret } from "./log-search.js";
import { jwtSecret } from "./test-app.js";

/** The parts of a token, decoded. */
export interface TokenParts {
  header: Record<string, unknown>;
  payload: Record<string, unknown>;
}

/** Base64url of a text, or of the JSON of anything else. */
export const encode = (value: unknown) =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

/** The HMAC of the first two parts of a token, by the key of access tokens that a secret gives. */
export const hmac = (input: string, secret = jwtSecret, hash = "sha256") =>
  createHmac(hash, accessKeyOf(secret)).update(input).digest("base64url");

/** What a token says. */
export function decode(token: string): TokenParts {
  const [header, payload] = token
    .split(".", 2)
    .map((part): Record<string, unknown> => JSON.parse(Buffer.from(part, "base64url").toString()));
  if (!header || !payload) throw new TypeError("no token");
  return { header, payload };
}

/** Writes a token and signs it with HMAC, by default rightly. A header or payload may be the text of its JSON. */
export function forge(header: unknown, payload: unknown, secret = jwtSecret, hash = "sha256"): string {
  const input = `${encode(header)}.${encode(payload)}`;
  const token = `${input}.${hmac(input, secret, hash)}`;
  keepSecret(token);
  return token;
}
