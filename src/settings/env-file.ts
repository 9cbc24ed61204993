import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseEnv } from "node:util";
import { codeOf } from "../log.js";
import { ConfigError } from "./config-error.js";

/** What a file of settings holds. */
export interface EnvFile {
  /** Where it was read. */
  path: string;
  values: Record<string, string>;
}

const name = String.raw`[ \t]*(?:export[ \t]+)?[A-Za-z_][\w.-]*[ \t]*=[ \t]*`;
const inQuotes = String.raw`(?:"[^"]*"|'[^']*'|${"`[^`]*`"})[ \t]*(?:#.*)?`;
const plain = String.raw`(?:[^"'${"`"}\s].*)?`;

/** One setting, whose quoted value may have several lines, a comment, or an empty line. */
const entry = new RegExp(`(?:${name}(?:${inQuotes}|${plain})|[ \\t]*#.*|[ \\t]*)(?:\\n|$)`, "y");

/**
 * Reads a file of settings, if it is there. A byte order mark does no harm.
 * @throws ConfigError if it can't be read, is no UTF-8, or has a line that is no setting
 */
export function readEnvFile(file = ".env"): EnvFile | undefined {
  if (!existsSync(file)) return undefined;
  const text = decode(file, read(file));
  const faults = wrongLines(text).map((line) => `${file}: line ${line} is neither NAME=value nor a comment`);
  if (faults.length > 0) throw new ConfigError(faults);
  return { path: resolve(file), values: withoutUndefined(parseEnv(text)) };
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new ConfigError([`${file}: can't be read (${codeOf(error)})`]);
  }
}

function decode(file: string, bytes: Buffer): string {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (!text.includes("\0")) return text.replace(/\r\n?/g, "\n");
  } catch {
    // Told below, with the same words.
  }
  throw new ConfigError([`${file}: must be UTF-8; save it anew with that encoding`]);
}

/** The numbers of the lines that are no setting. */
function wrongLines(text: string): number[] {
  const wrong: number[] = [];
  let at = 0;
  while (at < text.length) {
    entry.lastIndex = at;
    const end = entry.test(text) ? entry.lastIndex : text.indexOf("\n", at) + 1 || text.length;
    if (entry.lastIndex === 0) wrong.push(text.slice(0, at).split("\n").length);
    at = end;
  }
  return wrong;
}

const withoutUndefined = (values: NodeJS.Dict<string>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, value ?? ""]));
