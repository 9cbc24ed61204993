import { existsSync, openSync } from "node:fs";
import type { Text } from "../errors.js";
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
    throw new AdminError({ zh: `${file} 无法写入（${code}）。`, en: `${file} can't be written (${code}).` });
  }
}

/** @throws AdminError if there is such a file */
export function refuseExisting(file: string): void {
  if (existsSync(file)) throw new AdminError(overwritesNothing(file));
}

const overwritesNothing = (file: string): Text => ({
  zh: `${file} 已经存在，不会覆盖。`,
  en: `${file} is there already, and nothing is overwritten.`,
});
