import { createHmac, timingSafeEqual } from "node:crypto";
import { parse as parseUuid, stringify as stringifyUuid } from "uuid";
import type { KeyRing, TokenKeys } from "./keys.js";

/** What a refresh token stands for: the n-th token of a session. */
export interface RefreshTokenClaims {
  sessionId: string;
  generation: number;
  /** The key with which it was made. */
  keyId: string;
}

/**
 * Makes and checks refresh tokens. A token is not stored: it is derived from the session, its generation and a key that
 * comes from the server's secret. So the database holds nothing with which one could refresh, and the same generation
 * always gives the same token.
 */
export interface RefreshTokens {
  /** Names the key with which new tokens are made. */
  keyId: string;
  /** Whether tokens can be made with this key. */
  knows(keyId: string): boolean;
  /** The token of a session's generation. */
  issue(session: { id: string; generation: number; keyId: string }): string;
  verify(token: string): RefreshTokenClaims | undefined;
}

const version = 1;
const macLength = 32;

/** One byte for the version, six for the key's name, sixteen for the session, four for the generation. */
const bodyLength = 1 + 6 + 16 + 4;

/** In base64url; what is longer isn't decoded. */
const tokenLength = Math.ceil(((bodyLength + macLength) * 4) / 3);

/** Makes the refresh tokens of a server. */
export function createRefreshTokens(keys: KeyRing): RefreshTokens {
  const byId = new Map(keys.map((key) => [key.id, key]));

  return {
    keyId: keys[0].id,

    knows: (keyId) => byId.has(keyId),

    issue({ id, generation, keyId }) {
      const key = byId.get(keyId);
      if (!key) throw new TypeError("this key is no longer in JWT_SECRET");
      const body = Buffer.alloc(bodyLength);
      body.writeUInt8(version, 0);
      body.write(keyId, 1, "base64url");
      body.set(parseUuid(id), 7);
      body.writeUInt32BE(generation, 23);
      return Buffer.concat([body, mac(key, body)]).toString("base64url");
    },

    verify(token) {
      if (token.length !== tokenLength) return undefined;
      const bytes = Buffer.from(token, "base64url");
      if (bytes.length !== bodyLength + macLength || bytes.toString("base64url") !== token) return undefined;
      const body = bytes.subarray(0, bodyLength);
      const key = byId.get(body.toString("base64url", 1, 7));
      if (!key || body.readUInt8(0) !== version) return undefined;
      if (!timingSafeEqual(mac(key, body), bytes.subarray(bodyLength))) return undefined;
      return { sessionId: stringifyUuid(body.subarray(7, 23)), generation: body.readUInt32BE(23), keyId: key.id };
    },
  };
}

function mac(key: TokenKeys, body: Buffer): Buffer {
  return createHmac("sha256", key.refresh).update(body).digest();
}
