import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { ConfigError } from "../../src/settings/config-error.js";
import { readEnvFile } from "../../src/settings/env-file.js";

const folder = mkdtempSync(join(tmpdir(), "wxpass-env-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** What a file with this content sets, or its faults. */
function read(content: string | Uint8Array): Record<string, string> | string[] | undefined {
  const file = join(folder, ".env");
  writeFileSync(file, content);
  try {
    return readEnvFile(file)?.values;
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map((fault) => fault.slice(folder.length + 1));
    throw error;
  }
}

test("a file that isn't there sets nothing", () => {
  expect(readEnvFile(join(folder, "nothing"))).toBeUndefined();
});

test.each([
  ["a byte order mark", "\ufeffNODE_ENV=production\nPORT=1\n", { NODE_ENV: "production", PORT: "1" }],
  ["the line ends of Windows", "NODE_ENV=production\r\nPORT=1\r\n", { NODE_ENV: "production", PORT: "1" }],
  ["the line ends of old Macs", "NODE_ENV=production\rPORT=1", { NODE_ENV: "production", PORT: "1" }],
  ["comments and empty lines", "# about\n\n  # more\nPORT=1 # one\n", { PORT: "1" }],
  ["spaces and export", "  export PORT = 1\n", { PORT: "1" }],
  [
    "quotes, and what isn't ours",
    `A="x # y"\nB='z'\nmy.own-name=it's\n`,
    { A: "x # y", B: "z", "my.own-name": "it's" },
  ],
  [
    "a value of several lines",
    'KEY="-----BEGIN\nabc\n-----END"\nPORT=1\n',
    { KEY: "-----BEGIN\nabc\n-----END", PORT: "1" },
  ],
  ["an empty value", "HOST=\nPORT=1", { HOST: "", PORT: "1" }],
])("%s does no harm", (_, content, values) => {
  expect(read(content)).toEqual(values);
});

const utf16 = Buffer.from("\ufeffNODE_ENV=production\n", "utf16le");

test.each([
  ["UTF-16, as Windows' Notepad and PowerShell write it", utf16],
  ["UTF-16 with the bytes in the other order", Buffer.from(utf16).swap16()],
  ["UTF-16 without a mark", utf16.subarray(2)],
  ["GBK", Buffer.from([...Buffer.from("# "), 0xc5, 0xe4, 0xd6, 0xc3, 0x0a])],
])("%s is a fault, not an empty file", (_, content) => {
  expect(read(content)).toEqual([".env: must be UTF-8; save it anew with that encoding"]);
});

test.each([
  ["a line without =", "PORT=1\nNODE_ENV production\n", [2]],
  ["a full-width =", "NODE_ENV＝production\nPORT=1\n", [1]],
  ["a space that can't be seen in front", "\u00a0NODE_ENV=production\n", [1]],
  ["quotes that aren't closed", 'PORT=1\nJWT_SECRET="abc\nHOST=::\n', [2]],
  ["something behind the quotes", 'JWT_SECRET="abc"def\n', [1]],
  ["several at once", "one\nPORT=1\ntwo\n", [1, 3]],
])("%s is a fault that is named by its line", (_, content, lines) => {
  expect(read(content)).toEqual(lines.map((line) => `.env: line ${line} is neither NAME=value nor a comment`));
});
