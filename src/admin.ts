import "reflect-metadata";
import { runAdmin } from "./admin/cli/run-admin.js";
import { createTerminal } from "./admin/cli/terminal.js";
import { ConfigError } from "./settings/config-error.js";
import { readEnvFile } from "./settings/env-file.js";

// A reader that has seen enough, such as `head`, closes the pipe.
process.stdout.on("error", () => process.exit(0));

async function main(): Promise<number> {
  try {
    Object.assign(process.env, { ...readEnvFile()?.values, ...process.env });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
  const streams = { input: process.stdin, output: process.stdout, errors: process.stderr };
  const terminal = createTerminal(streams, { env: process.env, now: () => new Date(), fetch });
  return runAdmin(process.argv.slice(2), terminal);
}

process.exitCode = await main();
