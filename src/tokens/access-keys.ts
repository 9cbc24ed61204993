import type { KeyObject } from "node:crypto";
import type { KeyRing } from "./keys.js";
import type { SigningAlgorithm, SigningKey } from "./signing-keys.js";

/** What signs access tokens, and what checks them; with HS256 that is the same. */
export interface AccessKey {
  id: string;
  algorithm: "HS256" | SigningAlgorithm;
  privateKey: KeyObject;
  publicKey: KeyObject;
}

/** The keys of access tokens. The first signs, all verify. */
export type AccessKeys = readonly [AccessKey, ...AccessKey[]];

/** What `JWT_KEYS` says. */
export interface JwtKeys {
  /** Whether `JWT_SECRET` goes on signing, while the keys are only published and verify. */
  secretSigns: boolean;
  keys: readonly [SigningKey, ...SigningKey[]];
}

/** The keys of access tokens: those of `JWT_KEYS`, if it is set, and one of each secret. */
export function accessKeysOf([first, ...rest]: KeyRing, jwtKeys: JwtKeys | undefined): AccessKeys {
  const others = rest.map(fromSecret);
  if (!jwtKeys) return [fromSecret(first), ...others];
  const [signing, ...verifying] = jwtKeys.keys;
  return jwtKeys.secretSigns
    ? [fromSecret(first), signing, ...verifying, ...others]
    : [signing, ...verifying, fromSecret(first), ...others];
}

const fromSecret = ({ id, access }: KeyRing[number]): AccessKey => ({
  id,
  algorithm: "HS256",
  privateKey: access,
  publicKey: access,
});
