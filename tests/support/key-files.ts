import { randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import { makeKeyFile } from "../../src/admin/make-key-file.js";
import { keepSecret } from "./log-search.js";

/** A file of `JWT_KEYS`, and the name of its key. */
export interface KeyFile {
  file: string;
  id: string;
}

/** Makes a key as the operator's command does. */
export function newKeyFile(algorithm: "RS256" | "ES256" = "ES256"): KeyFile {
  const file = newPath();
  const id = makeKeyFile(file, algorithm);
  keepSecret(readFileSync(file, "utf8").split("\n")[1]);
  return { file, id };
}

/** A file with this text, which anybody may read if the mode says so. */
export function fileOf(text: string, mode = 0o600): string {
  const file = newPath();
  writeFileSync(file, text, { mode });
  return file;
}

const newPath = () => join(inject("folder"), `key-${randomUUID()}.pem`);
