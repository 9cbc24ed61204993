import "reflect-metadata";
import { runAdmin } from "../admin/cli/run-admin.js";
import { createTerminal } from "../admin/cli/terminal.js";
import type { BackEnd } from "../back-end.js";
import { ConfigError } from "../settings/config-error.js";
import { readEnvFile } from "../settings/env-file.js";

/** Runs the operator's command that the words of the command line name. */
export async function main(words: readonly string[], own: BackEnd = {}): Promise<void> {
  // A reader that has seen enough, such as `head`, closes the pipe.
  process.stdout.on("error", () => process.exit(0));
  process.exitCode = await run(words, own);
}

async function run(words: readonly string[], own: BackEnd): Promise<number> {
  try {
    Object.assign(process.env, { ...readEnvFile()?.values, ...process.env });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
  const streams = { input: process.stdin, output: process.stdout, errors: process.stderr };
  const terminal = createTerminal(streams, { env: process.env, now: () => new Date(), fetch, own });
  return runAdmin(words, terminal);
}
