import type { KeyObject } from "node:crypto";
import type { KeyRing, TokenKeys } from "./keys.js";
import type { SigningAlgorithm, SigningKey } from "./signing-keys.js";

/** What signs access tokens, and what checks them; with HS256 that is the same. */
export interface AccessKey {
  id: string;
  algorithm: "HS256" | SigningAlgorithm;
  signing: KeyObject;
  verifying: KeyObject;
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
  const secrets = [fromSecret(first), ...rest.map(fromSecret)] as const;
  if (!jwtKeys) return secrets;
  const [signing, ...others] = jwtKeys.keys;
  const pairs = [fromPair(signing), ...others.map(fromPair)] as const;
  return jwtKeys.secretSigns ? [...secrets, ...pairs] : [...pairs, ...secrets];
}

const fromSecret = ({ id, access }: TokenKeys): AccessKey => ({
  id,
  algorithm: "HS256",
  signing: access,
  verifying: access,
});

const fromPair = ({ id, algorithm, privateKey, publicKey }: SigningKey): AccessKey => ({
  id,
  algorithm,
  signing: privateKey,
  verifying: publicKey,
});
