import { randomBytes, randomUUID } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { codeOf } from "../log.js";
import { ConfigError } from "./config-error.js";
import { isStrong } from "./strength.js";

/**
 * Reads the secret kept from an earlier start, or makes it. Of several processes starting at once, all get the same.
 * @throws ConfigError if the file can't be made or read, or holds no usable secret
 */
export function developmentSecret(file: string): string {
  const secret = keptSecret(file);
  if (isStrong(secret)) return secret;
  throw new ConfigError([`JWT_SECRET: the one in ${file} is too weak; delete the file to have it made anew`]);
}

function keptSecret(file: string): string {
  try {
    if (!existsSync(file)) makeSecret(file);
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    throw new ConfigError([`JWT_SECRET: not set, and none can be kept in ${file} (${codeOf(error)})`]);
  }
}

/** Writes a draft and links it, since a link appears at once, with all its content, or fails if another process was first. */
function makeSecret(file: string): void {
  const draft = `${file}.${randomUUID()}`;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(draft, randomBytes(48).toString("base64url"), { mode: 0o600 });
  try {
    linkSync(draft, file);
  } catch (error) {
    if (!existsSync(file)) throw error;
  } finally {
    rmSync(draft);
  }
}
