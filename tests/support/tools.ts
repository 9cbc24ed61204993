import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type TestFunction, test } from "vitest";

const folders = [...(process.env["PATH"] ?? "").split(":"), "/usr/local/sbin", "/usr/sbin", "/opt/homebrew/bin"];

/** Where a program is installed, if it is. */
export const findProgram = (name: string) => folders.map((folder) => join(folder, name)).find(existsSync);

/**
 * A test that needs a program of the operator's. Where that isn't installed the test is skipped and says so, except with
 * `TOOLS_REQUIRED=on`, as in CI, which installs all of them.
 */
export function testWith(program: string, debianPackage: string, title: string, body: TestFunction): void {
  testIf(findProgram(program) !== undefined, { what: program, debianPackage }, title, body);
}

/** The same, for a test that needs more than a program. */
export function testIf(
  isThere: boolean,
  { what, debianPackage }: { what: string; debianPackage: string },
  title: string,
  body: TestFunction,
): void {
  if (isThere || process.env["TOOLS_REQUIRED"] === "on") test(title, body);
  else test.skip(`${title} (${what} is not installed here; Debian: apt-get install ${debianPackage})`, () => {});
}

interface RunOptions {
  cwd: string;
  env?: Record<string, string>;
  input?: string;
}

/** Runs a program to its end, with a folder as its home: its exit code, and all that it printed. */
export async function run(
  program: string,
  args: readonly string[],
  { cwd, env, input }: RunOptions,
): Promise<{ status: number | null; output: string }> {
  const home = { PATH: folders.join(":"), HOME: cwd };
  const child = spawn(findProgram(program) ?? program, args, { cwd, env: { ...home, ...env }, timeout: 60_000 });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  child.stdin.on("error", () => {}).end(input ?? "");
  const [status] = await once(child, "close");
  return { status, output };
}
