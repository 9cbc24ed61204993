import { closeSync, fsyncSync, rmSync, writeFileSync } from "node:fs";
import { makeSigningKey, type SigningAlgorithm } from "../tokens/signing-keys.js";
import { createFile } from "./new-file.js";

/**
 * Writes a new private key for `JWT_KEYS` into a file that only its owner can read, and returns the key's name.
 * @throws AdminError if there is such a file already, or it can't be written
 */
export function makeKeyFile(file: string, algorithm: SigningAlgorithm): string {
  const { id, pem } = makeSigningKey(algorithm);
  const descriptor = createFile(file);
  try {
    writeFileSync(descriptor, pem);
    fsyncSync(descriptor);
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
  return id;
}
