import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { runAdmin } from "../../src/admin/cli/run-admin.js";
import { createTerminal } from "../../src/admin/cli/terminal.js";
import type { BackEnd } from "../../src/back-end.js";
import { compileCache } from "./server-process.js";

/** What a command of the operator's left behind. */
export interface AdminResult {
  code: number | null;
  output: string;
  errors: string;
}

interface AdminOptions {
  env: Record<string, string>;
  /** What an operator types at a terminal; without it there is none. */
  typed?: string;
  now?: () => Date;
  own?: BackEnd;
}

/** Runs a command in this process. */
export async function admin(
  args: string[],
  { env, typed, now = () => new Date(), own = {} }: AdminOptions,
): Promise<AdminResult> {
  const input = Object.assign(Readable.from(typed === undefined ? [] : [typed]), { isTTY: typed !== undefined });
  const [output, errors] = [new PassThrough(), new PassThrough()];
  const terminal = createTerminal({ input, output, errors }, { env, now, fetch, own });
  const code = await runAdmin(args, terminal);
  output.end();
  errors.end();
  return { code, output: await text(output), errors: await text(errors) };
}

const entry = join(import.meta.dirname, "../../dist/admin.js");

/** Starts a command in a process of its own, with nothing but these settings. */
export function spawnAdmin(
  args: string[],
  env: Record<string, string>,
  cwd: string,
  user: { uid?: number } = {},
): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [entry, ...args], { cwd, env: { ...compileCache, ...env }, ...user });
}

/** Runs a command in a process of its own to its end, as another user of the system if one is given. */
export async function adminProcess(
  args: string[],
  env: Record<string, string>,
  cwd: string,
  user: { uid?: number } = {},
): Promise<AdminResult> {
  const child = spawnAdmin(args, env, cwd, user);
  child.stdin.end();
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code, output, errors };
}
