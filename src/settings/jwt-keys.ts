import { z } from "zod";
import type { Text } from "../errors.js";
import type { JwtKeys } from "../tokens/access-keys.js";
import { isReadableByAll, readSigningKey, type SigningKey, SigningKeyError } from "../tokens/signing-keys.js";

/**
 * Files with private keys in PEM, separated by commas; `HS256` before them says that `JWT_SECRET` goes on signing. A fault names a
 * file by its place, since what is no file could be a key.
 */
export const jwtKeys = z.string().transform((text, context): JwtKeys => {
  const { secretSigns, files } = split(text);
  const read = files.map(readOrFault);
  const [first, ...rest] = read.filter((key) => typeof key !== "string");
  const faults = /-----BEGIN/.test(text)
    ? ["holds a key itself; write it into a file, and name that here"]
    : [...read.flatMap(faultOf), ...repetitionsIn(read)];
  if (files.length === 0) faults.push("HS256 needs the file of a key after it");
  for (const message of faults) context.addIssue({ code: "custom", message });
  return first && faults.length === 0 ? { secretSigns, keys: [first, ...rest] } : z.NEVER;
});

/** What is worth a line of the log about the files of `JWT_KEYS`. */
export function keyFileWarnings(value: unknown): Text[] {
  if (typeof value !== "string") return [];
  return split(value).files.flatMap((file, at) => (isReadableByAll(file) ? [readableByAll(at + 1)] : []));
}

const readableByAll = (place: number): Text => ({
  zh: `JWT_KEYS：第 ${place} 个文件，这台机器上谁都能读（请执行 chmod 640）`,
  en: `JWT_KEYS: file ${place} can be read by everybody on this machine (try: chmod 640 on it)`,
});

function split(text: string): { secretSigns: boolean; files: string[] } {
  const [first = "", ...rest] = text.split(",").map((item) => item.trim());
  return first === "HS256" ? { secretSigns: true, files: rest } : { secretSigns: false, files: [first, ...rest] };
}

/** The key in a file, or what is wrong with it. */
function readOrFault(file: string): SigningKey | string {
  try {
    return readSigningKey(file);
  } catch (error) {
    if (error instanceof SigningKeyError) return error.message;
    throw error;
  }
}

const faultOf = (read: SigningKey | string, at: number) => (typeof read === "string" ? [`file ${at + 1} ${read}`] : []);

function repetitionsIn(read: readonly (SigningKey | string)[]): string[] {
  const ids = read.map((key) => (typeof key === "string" ? undefined : key.id));
  return ids.flatMap((id, at) => {
    const first = ids.indexOf(id);
    return id !== undefined && first < at ? [`file ${at + 1} holds the same key as file ${first + 1}`] : [];
  });
}
