import { createHash, createSecretKey, hkdfSync, type KeyObject } from "node:crypto";

/** The keys that one secret of `JWT_SECRET` gives. */
export interface TokenKeys {
  /** Names the secret in tokens without telling anything about it: eight characters of base64url, six bytes. */
  id: string;
  /** Signs access tokens. Other services check them with it, and can't tell the others from it. */
  access: KeyObject;
  /** Signs refresh tokens. */
  refresh: KeyObject;
  /** Makes the names under which rate limits count, so that they store neither address nor user. */
  rateLimits: KeyObject;
}

/** The server's keys. The first signs, all verify. */
export type KeyRing = readonly [TokenKeys, ...TokenKeys[]];

/** Makes the keys of the secrets, in their order. */
export function createKeyRing([first, ...rest]: readonly [string, ...string[]]): KeyRing {
  return [keysOf(first), ...rest.map(keysOf)];
}

function keysOf(secret: string): TokenKeys {
  return {
    id: createHash("sha256").update(`wxpass kid ${secret}`).digest("base64url").slice(0, 8),
    access: createSecretKey(accessKeyOf(secret), "utf8"),
    refresh: derive(secret, "wxpass refresh token"),
    rateLimits: derive(secret, "wxpass rate limits"),
  };
}

/**
 * The key of access tokens that a secret gives, as other services get it: 43 characters of base64url. Their ASCII itself is
 * the HMAC's key, so that no library has to decode it.
 */
export const accessKeyOf = (secret: string): string => deriveBytes(secret, "wxpass access token").toString("base64url");

const derive = (secret: string, purpose: string): KeyObject => createSecretKey(deriveBytes(secret, purpose));

const deriveBytes = (secret: string, purpose: string) => Buffer.from(hkdfSync("sha256", secret, "", purpose, 32));
