import { existsSync, openSync } from "node:fs";
import { codeOf } from "../log.js";
import { AdminError } from "./admin-error.js";

/**
 * Makes an empty file that wasn't there and that only its owner can read, and returns its descriptor.
 * @throws AdminError if there is such a file already, or it can't be written
 */
export function createFile(file: string, ifThere = overwritesNothing(file)): number {
  try {
    return openSync(file, "wx", 0o600);
  } catch (error) {
    const code = codeOf(error);
    if (code === "EEXIST") throw new AdminError(ifThere);
    throw new AdminError(`${file} can't be written (${code}).`);
  }
}

/** @throws AdminError if there is such a file */
export function refuseExisting(file: string): void {
  if (existsSync(file)) throw new AdminError(overwritesNothing(file));
}

const overwritesNothing = (file: string) => `${file} is there already, and nothing is overwritten.`;
