import { randomUUID } from "node:crypto";
import jwt from "jsonwebtoken";
import { z } from "zod";
import { clockSkewMs, isWithin } from "../clock.js";
import type { KeyRing, TokenKeys } from "./keys.js";

/** What an access token says: whose it is, on which session it stands, and which key has signed it. */
export interface AccessTokenClaims {
  userId: string;
  sessionId: string;
  keyId: string;
}

/** Which key a session is on, and since when if it was on another one before. */
interface SessionKey {
  keyId: string;
  keyChangedAt: Date | null;
}

/** Makes and checks access tokens: JWTs after RFC 9068, signed with HS256. */
export interface AccessTokens {
  /** A token for a session, signed with the session's own key, and the second at which it expires. */
  issue(claims: AccessTokenClaims): { token: string; expiresAt: Date };
  /** The token's claims, or undefined if anything at all is wrong with it. It doesn't know whether the session still stands. */
  verify(token: string): AccessTokenClaims | undefined;
  /** Whether the key of a token counts for its session: it is the session's own, or could have been when the token was issued. */
  accepts(claims: AccessTokenClaims, session: SessionKey): boolean;
}

interface AccessTokenOptions {
  keys: KeyRing;
  issuer: string;
  ttlSeconds: number;
  now: () => Date;
}

/** Which server these tokens are for, so that another service sharing the secret can't have its own accepted here. */
const audience = "wxpass";

/** The media type of a JWT access token. https://www.rfc-editor.org/rfc/rfc9068#section-2.1 */
const tokenType = "at+jwt";

/** Longer than any token of ours, so that nobody makes us decode megabytes. */
const maxTokenLength = 2_048;

const headerShape = z.strictObject({ alg: z.literal("HS256"), typ: z.literal(tokenType), kid: z.string() });

const payloadShape = z.object({
  iss: z.string(),
  aud: z.literal(audience),
  sub: z.uuid(),
  sid: z.uuid(),
  jti: z.uuid(),
  iat: z.int(),
  exp: z.int(),
});

/** A token whose signature is right. It is kept for the next requests with it, as checking a signature takes time; when it is good is looked at each time. */
interface GenuineToken {
  claims: AccessTokenClaims;
  /** From when until when it is good, in seconds since 1970. */
  iat: number;
  exp: number;
}

/** So many are kept, which takes some five megabytes; then the one that was seen first goes. */
const maxKnown = 5_000;

/** Makes the access tokens of a server. */
export function createAccessTokens({ keys, issuer, ttlSeconds, now }: AccessTokenOptions): AccessTokens {
  const byId = new Map(keys.map((key) => [key.id, key]));
  const seconds = () => Math.floor(now().getTime() / 1_000);
  const known = new Map<string, GenuineToken>();

  /** What a token says that we have issued, at whatever time. */
  function readGenuine(token: string): GenuineToken | undefined {
    const key = keyOf(token, byId);
    const payload = key && readPayload(token, key, issuer);
    if (!payload) return undefined;
    const { sub: userId, sid: sessionId, iat, exp } = payload;
    const genuine = { claims: { userId, sessionId, keyId: key.id }, iat, exp };
    const [oldest] = known.keys();
    if (known.size >= maxKnown && oldest !== undefined) known.delete(oldest);
    known.set(token, genuine);
    return genuine;
  }

  return {
    issue({ userId, sessionId, keyId }) {
      const key = byId.get(keyId);
      if (!key) throw new TypeError("this key is no longer in JWT_SECRET");
      const iat = seconds();
      const exp = iat + ttlSeconds;
      const payload = { iss: issuer, aud: audience, sub: userId, sid: sessionId, jti: randomUUID(), iat, exp };
      const token = jwt.sign(payload, key.access, {
        algorithm: "HS256",
        keyid: keyId,
        header: { alg: "HS256", typ: tokenType },
      });
      return { token, expiresAt: new Date(exp * 1_000) };
    },

    verify(token) {
      const genuine = known.get(token) ?? readGenuine(token);
      if (!genuine) return undefined;
      const now = seconds();
      return now < genuine.exp && genuine.iat <= now + clockSkewMs / 1_000 ? genuine.claims : undefined;
    },

    accepts: ({ keyId }, session) =>
      keyId === session.keyId ||
      (session.keyChangedAt !== null && isWithin(session.keyChangedAt, now(), ttlSeconds * 1_000)),
  };
}

function readPayload(token: string, { access }: TokenKeys, issuer: string): z.infer<typeof payloadShape> | undefined {
  try {
    const options = { algorithms: ["HS256" as const], issuer, audience, ignoreExpiration: true };
    return payloadShape.safeParse(jwt.verify(token, access, options)).data;
  } catch (error) {
    if (error instanceof jwt.JsonWebTokenError) return undefined;
    throw error;
  }
}

/** The key that a token names, if it is written exactly as we write tokens: jsonwebtoken is more forgiving. */
function keyOf(token: string, keys: Map<string, TokenKeys>): TokenKeys | undefined {
  if (token.length > maxTokenLength) return undefined;
  const parts = token.split(".");
  if (parts.length !== 3 || !parts.every(isCanonicalBase64url)) return undefined;
  const header = headerShape.safeParse(parseJson(parts[0]));
  return header.success ? keys.get(header.data.kid) : undefined;
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
