import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { Command } from "commander";
import { loadJwtSecrets } from "../../settings/config.js";
import { accessKeyOf } from "../../tokens/keys.js";
import { AdminError } from "../admin-error.js";
import { backUp } from "../back-up.js";
import { findUnknownFiles } from "../find-unknown-files.js";
import { makeKeyFile } from "../make-key-file.js";
import { printable } from "../printable.js";
import { addAuditCommand } from "./audit-command.js";
import { addImportCommand } from "./import-command.js";
import { withData } from "./open-data.js";
import { addOperatorCommands } from "./operator-commands.js";
import type { Terminal } from "./terminal.js";
import { addUserCommands } from "./user-commands.js";
import { addUsersCommand } from "./users-command.js";

const about = [
  "Keeps house for wxpass, beside the running server or without it.",
  "",
  "It reads the server's own settings (DATABASE_URL and STORAGE_URL, from the environment or .env). What it changes holds from the server's next request on. It never makes or changes tables: the server does at its start, and so does npm run migrate.",
].join("\n");

const exitCodes = "\nExit codes: 0 done, 1 failed, 2 wrong usage.";

/** The operator's commands. They write to the terminal and throw what goes wrong. */
export function createProgram(terminal: Terminal): Command {
  const program = new Command("admin")
    .description(about)
    .addHelpText("after", exitCodes)
    .exitOverride()
    .configureOutput({
      writeOut: terminal.print,
      writeErr: terminal.printError,
    });

  addUsersCommand(program, terminal);
  addUserCommands(program, terminal);
  addImportCommand(program, terminal);
  addAuditCommand(program, terminal);
  addOperatorCommands(program, terminal);
  addDataCommands(program, terminal);
  addSecretCommands(program, terminal);
  return program;
}

function addDataCommands(program: Command, terminal: Terminal): void {
  program
    .command("backup")
    .argument("<file>", "where to write it; must not exist")
    .description("write a consistent copy of the SQLite database while the server serves")
    .action((file: string) =>
      withData(terminal, async ({ driver, ...context }) => {
        if (driver !== "sqlite") throw new AdminError("This is for SQLite. For PostgreSQL use its own pg_dump.");
        const size = await backUp(context, resolve(file));
        terminal.print(`Wrote ${file} (${size} bytes).\n`);
      }),
    );

  program
    .command("unknown-files")
    .description("list files beside the avatars that this database never named, one a line; nothing is removed")
    .action(() =>
      withData(terminal, async ({ em, openAvatars }) => {
        let count = 0;
        for await (const name of findUnknownFiles(em, await openAvatars())) {
          terminal.print(`${printable(name)}\n`);
          count++;
        }
        terminal.printError(`Unknown files: ${count}.\n`);
      }),
    );
}

function addSecretCommands(program: Command, terminal: Terminal): void {
  program
    .command("make-secret")
    .description("print a new random value for JWT_SECRET")
    .action(() => {
      terminal.print(`${randomBytes(48).toString("base64url")}\n`);
    });

  program
    .command("access-key")
    .description(
      "print the key with which other services check access tokens (HS256); one line for each secret of JWT_SECRET, in their order",
    )
    .action(() => {
      for (const secret of loadJwtSecrets(terminal.env)) terminal.print(`${accessKeyOf(secret)}\n`);
    });

  program
    .command("make-keys")
    .argument("<file>", "where to write it; must not exist")
    .option("--rsa", "for services that know RS256 alone; without it the key signs ES256")
    .description("write a new private key for JWT_KEYS, which only its owner can read")
    .action((file: string, { rsa }: { rsa?: boolean }) => {
      const algorithm = rsa ? "RS256" : "ES256";
      const id = makeKeyFile(resolve(file), algorithm);
      terminal.print(`Wrote ${printable(file)}: ${algorithm}, kid ${id}.\n`);
    });
}
