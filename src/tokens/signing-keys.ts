import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
} from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { codeOf } from "../log.js";

/** How access tokens can be signed so that everybody may have what they are checked with. */
export type SigningAlgorithm = "RS256" | "ES256";

/** A key of `JWT_KEYS`. */
export interface SigningKey {
  /** Names the key in tokens and in the key set: its thumbprint. https://www.rfc-editor.org/rfc/rfc7638 */
  id: string;
  algorithm: SigningAlgorithm;
  privateKey: KeyObject;
  publicKey: KeyObject;
}

/** A file holds no key that could sign. The message says what is wrong with it, without its name or content. */
export class SigningKeyError extends Error {
  override readonly name = "SigningKeyError";
}

/** RSA under 2048 bits is weak, and over 8192 it takes longer to sign than anybody waits. */
const [minRsaBits, maxRsaBits] = [2_048, 8_192];

/** No file with one key is larger. */
const maxFileBytes = 100_000;

/**
 * Reads a private key in PEM: RSA of 2048 bits or more signs RS256, P-256 signs ES256.
 * @throws SigningKeyError
 */
export function readSigningKey(file: string): SigningKey {
  const privateKey = parsePrivateKey(readText(file));
  const publicKey = createPublicKey(privateKey);
  return { id: thumbprintOf(publicKey), algorithm: algorithmOf(privateKey), privateKey, publicKey };
}

/** Makes a new key: its private half in PEM, as `JWT_KEYS` takes it, and its name. */
export function makeSigningKey(algorithm: SigningAlgorithm): { id: string; pem: string } {
  const { privateKey, publicKey } =
    algorithm === "RS256"
      ? generateKeyPairSync("rsa", { modulusLength: minRsaBits })
      : generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { id: thumbprintOf(publicKey), pem: privateKey.export({ type: "pkcs8", format: "pem" }).toString() };
}

/** Whether others than the file's owner and group can read it. False if there is no such file. */
export function isReadableByAll(file: string): boolean {
  const mode = process.platform === "win32" ? undefined : statSync(file, { throwIfNoEntry: false })?.mode;
  return mode !== undefined && (mode & 0o004) !== 0;
}

/** The public half of a key, as members of a JSON Web Key. */
export const publicJwkOf = ({ publicKey }: Pick<SigningKey, "publicKey">): JsonWebKey =>
  publicKey.export({ format: "jwk" });

function readText(file: string): string {
  try {
    const { size } = regularFile(file);
    if (size > maxFileBytes) throw new SigningKeyError("is too large for a key");
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof SigningKeyError) throw error;
    throw new SigningKeyError(`can't be read (${codeOf(error)})`);
  }
}

function regularFile(file: string) {
  const stats = statSync(file);
  if (!stats.isFile()) throw new SigningKeyError("is no file");
  return stats;
}

function parsePrivateKey(pem: string): KeyObject {
  if (/^-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(pem)) {
    throw new SigningKeyError("is encrypted; it must need no passphrase");
  }
  try {
    return createPrivateKey(pem);
  } catch {
    throw new SigningKeyError("holds no private key in PEM");
  }
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): SigningAlgorithm {
  const { modulusLength = 0, namedCurve } = asymmetricKeyDetails ?? {};
  if (asymmetricKeyType === "ec" && namedCurve === "prime256v1") return "ES256";
  if (asymmetricKeyType !== "rsa") throw new SigningKeyError("holds a key of another kind than RSA and P-256");
  if (modulusLength >= minRsaBits && modulusLength <= maxRsaBits) return "RS256";
  throw new SigningKeyError(`holds an RSA key of ${modulusLength} bits; it must have ${minRsaBits} to ${maxRsaBits}`);
}

function thumbprintOf(publicKey: KeyObject): string {
  const { crv, e, kty, n, x, y } = publicJwkOf({ publicKey });
  const members = kty === "EC" ? { crv, kty, x, y } : { e, kty, n };
  return createHash("sha256").update(JSON.stringify(members)).digest("base64url");
}
