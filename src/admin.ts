import "reflect-metadata";
import { existsSync } from "node:fs";
import { runAdmin } from "./admin/cli/run-admin.js";
import { createTerminal } from "./admin/cli/terminal.js";

if (existsSync(".env")) process.loadEnvFile();

// A reader that has seen enough, such as `head`, closes the pipe.
process.stdout.on("error", () => process.exit(0));

const streams = { input: process.stdin, output: process.stdout, errors: process.stderr };
const terminal = createTerminal(streams, { env: process.env, now: () => new Date(), fetch });

process.exitCode = await runAdmin(process.argv.slice(2), terminal);
