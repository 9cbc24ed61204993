import { type KeyObject, randomUUID } from "node:crypto";
import jwt from "jsonwebtoken";
import { z } from "zod";
import type { KeyRing } from "./keys.js";

/** What an access token says: whose it is, and on which session it stands. */
export interface AccessTokenClaims {
  userId: string;
  sessionId: string;
}

/** Makes and checks access tokens: JWTs after RFC 9068, signed with HS256. */
export interface AccessTokens {
  /** A token for a session and the second at which it expires. */
  issue(claims: AccessTokenClaims): { token: string; expiresAt: Date };
  /** The token's claims, or undefined if anything at all is wrong with it. It doesn't know whether the session still stands. */
  verify(token: string): AccessTokenClaims | undefined;
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

/** By which the clocks of two processes may differ. */
const clockSkewSeconds = 30;

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

/** Makes the access tokens of a server. */
export function createAccessTokens({ keys, issuer, ttlSeconds, now }: AccessTokenOptions): AccessTokens {
  const byId = new Map(keys.map(({ id, access }) => [id, access]));
  const [{ id: keyid, access: signingKey }] = keys;
  const seconds = () => Math.floor(now().getTime() / 1_000);

  return {
    issue({ userId, sessionId }) {
      const iat = seconds();
      const exp = iat + ttlSeconds;
      const payload = { iss: issuer, aud: audience, sub: userId, sid: sessionId, jti: randomUUID(), iat, exp };
      const token = jwt.sign(payload, signingKey, {
        algorithm: "HS256",
        keyid,
        header: { alg: "HS256", typ: tokenType },
      });
      return { token, expiresAt: new Date(exp * 1_000) };
    },

    verify(token) {
      const key = keyOf(token, byId);
      if (!key) return undefined;
      try {
        const options = { algorithms: ["HS256" as const], issuer, audience, clockTimestamp: seconds() };
        const payload = payloadShape.safeParse(jwt.verify(token, key, options));
        if (!payload.success || payload.data.iat > seconds() + clockSkewSeconds) return undefined;
        return { userId: payload.data.sub, sessionId: payload.data.sid };
      } catch (error) {
        if (error instanceof jwt.JsonWebTokenError) return undefined;
        throw error;
      }
    },
  };
}

/** The key that a token names, if it is written exactly as we write tokens: jsonwebtoken is more forgiving. */
function keyOf(token: string, keys: Map<string, KeyObject>): KeyObject | undefined {
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
