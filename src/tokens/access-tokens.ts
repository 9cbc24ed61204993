import { randomUUID } from "node:crypto";
import jwt from "jsonwebtoken";
import { z } from "zod";
import { clockSkewMs, isWithin } from "../clock.js";
import type { AccessKey, AccessKeys } from "./access-keys.js";

/** What a token is issued for: a user's session in an app, and the key that the session is on. */
interface TokenSubject {
  userId: string;
  sessionId: string;
  appId: string;
  keyId: string;
}

/** What a good access token says: whose it is, on which session it stands, which key has signed it, its own id and its times. */
export interface AccessTokenClaims {
  userId: string;
  sessionId: string;
  keyId: string;
  tokenId: string;
  /** From when until when it is good, in seconds since 1970. */
  iat: number;
  exp: number;
}

/** Which key the access tokens of a session are signed with, and since when if it was another one before. */
interface SessionKey {
  accessKeyId: string;
  accessKeyChangedAt: Date | null;
}

/** Makes and checks access tokens: JWTs after RFC 9068. */
export interface AccessTokens {
  /** Names the key with which the tokens of a session are signed from its next refresh on. */
  keyId: string;
  /** What every token says of who has made it, and for whom. */
  issuer: string;
  audience: string;
  /** Whether tokens can be signed with this key. */
  knows(keyId: string): boolean;
  /** A token for a session, signed with the session's own key, and the second at which it expires. */
  issue(subject: TokenSubject): { token: string; expiresAt: Date };
  /** The token's claims, or undefined if anything at all is wrong with it. It doesn't know whether the session still stands. */
  verify(token: string): AccessTokenClaims | undefined;
  /** Whether the key of a token counts for its session: it is the session's own, or could have been when the token was issued. */
  accepts(claims: Pick<AccessTokenClaims, "keyId">, session: SessionKey): boolean;
}

interface AccessTokenOptions {
  keys: AccessKeys;
  issuer: string;
  ttlSeconds: number;
  now: () => Date;
}

/** Which server these tokens are for, so that another service sharing the secret can't have its own accepted here. */
const audience = "wxpass";

/** The media type of a JWT access token. https://www.rfc-editor.org/rfc/rfc9068#section-2.1 */
const tokenType = "at+jwt";

/** Longer than any token of ours, so that nobody makes us decode megabytes. The longest are signed with RSA of 8192 bits. */
const maxTokenLength = 3_072;

/** Of a signature by ES256, in base64url; jsonwebtoken takes another length for a fault of the program. */
const ecdsaSignatureLength = 86;

const headerShape = z.strictObject({ alg: z.string(), typ: z.literal(tokenType), kid: z.string() });

const payloadShape = z.object({
  iss: z.string(),
  aud: z.literal(audience),
  sub: z.uuid(),
  sid: z.uuid(),
  // Tokens of earlier versions have none.
  client_id: z.string().optional(),
  jti: z.uuid(),
  iat: z.int(),
  exp: z.int(),
});

/**
 * So many tokens with the right signature are kept for the next requests with them, as checking a signature takes time; when a
 * token is good is looked at each time. They take some five megabytes, with RSA up to ten; the one that was seen first goes.
 */
const maxKnown = 5_000;

/** Makes the access tokens of a server. */
export function createAccessTokens({ keys, issuer, ttlSeconds, now }: AccessTokenOptions): AccessTokens {
  const byId = new Map(keys.map((key) => [key.id, key]));
  const seconds = () => Math.floor(now().getTime() / 1_000);
  const known = new Map<string, AccessTokenClaims>();

  /** What a token says that we have issued, at whatever time. */
  function readGenuine(token: string): AccessTokenClaims | undefined {
    const key = keyOf(token, byId);
    const payload = key && readPayload(token, key, issuer);
    if (!payload) return undefined;
    const { sub: userId, sid: sessionId, jti: tokenId, iat, exp } = payload;
    const genuine = { userId, sessionId, keyId: key.id, tokenId, iat, exp };
    const [oldest] = known.keys();
    if (known.size >= maxKnown && oldest !== undefined) known.delete(oldest);
    known.set(token, genuine);
    return genuine;
  }

  return {
    keyId: keys[0].id,
    issuer,
    audience,

    knows: (keyId) => byId.has(keyId),

    issue({ userId: sub, sessionId: sid, appId: client_id, keyId }) {
      const key = byId.get(keyId);
      if (!key) throw new TypeError("this key is no longer in JWT_SECRET or JWT_KEYS");
      const iat = seconds();
      const exp = iat + ttlSeconds;
      const payload = { iss: issuer, aud: audience, sub, client_id, sid, jti: randomUUID(), iat, exp };
      const { algorithm } = key;
      const header = { alg: algorithm, typ: tokenType };
      const token = jwt.sign(payload, key.signing, { algorithm, keyid: keyId, header });
      return { token, expiresAt: new Date(exp * 1_000) };
    },

    verify(token) {
      const genuine = known.get(token) ?? readGenuine(token);
      if (!genuine) return undefined;
      const now = seconds();
      return now < genuine.exp && genuine.iat <= now + clockSkewMs / 1_000 ? genuine : undefined;
    },

    accepts: ({ keyId }, { accessKeyId, accessKeyChangedAt }) =>
      keyId === accessKeyId || (accessKeyChangedAt !== null && isWithin(accessKeyChangedAt, now(), ttlSeconds * 1_000)),
  };
}

function readPayload(token: string, key: AccessKey, issuer: string): z.infer<typeof payloadShape> | undefined {
  try {
    const options = { algorithms: [key.algorithm], issuer, audience, ignoreExpiration: true };
    return payloadShape.safeParse(jwt.verify(token, key.verifying, options)).data;
  } catch (error) {
    if (error instanceof jwt.JsonWebTokenError) return undefined;
    throw error;
  }
}

/** The key that a token names, if it is written exactly as we write tokens with it: jsonwebtoken is more forgiving. */
function keyOf(token: string, keys: Map<string, AccessKey>): AccessKey | undefined {
  if (token.length > maxTokenLength) return undefined;
  const parts = token.split(".");
  if (parts.length !== 3 || !parts.every(isCanonicalBase64url)) return undefined;
  const header = headerShape.safeParse(parseJson(parts[0]));
  const key = keys.get(header.data?.kid ?? "");
  if (!key || key.algorithm !== header.data?.alg) return undefined;
  return key.algorithm === "ES256" && parts[2]?.length !== ecdsaSignatureLength ? undefined : key;
}

/** Only one spelling of the same bytes counts, without padding, foreign characters or stray bits at the end. */
function isCanonicalBase64url(text: string): boolean {
  return text !== "" && Buffer.from(text, "base64url").toString("base64url") === text;
}

function parseJson(base64url: string | undefined): unknown {
  try {
    return JSON.parse(Buffer.from(base64url ?? "", "base64url").toString());
  } catch {
    return undefined;
  }
}
