import { InvalidFieldNameException, TableNotFoundException } from "@mikro-orm/core";
import { CommanderError } from "commander";
import { describeError } from "../../log.js";
import { ConfigError } from "../../settings/config-error.js";
import { AdminError } from "../admin-error.js";
import { printable } from "../printable.js";
import { createProgram } from "./program.js";
import type { Terminal } from "./terminal.js";

/** Runs one command of the operator's and returns the exit code: 0 if it is done, 1 if it failed, 2 if it was called wrongly. */
export async function runAdmin(args: readonly string[], terminal: Terminal): Promise<0 | 1 | 2> {
  try {
    await createProgram(terminal).parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    // It has been printed where it was found.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    terminal.printError(`${explain(error, terminal)}\n`);
    return 1;
  }
}

function explain(error: unknown, { language, t }: Terminal): string {
  if (error instanceof AdminError) return printable(error.text[language]);
  if (error instanceof ConfigError) return error.message;
  if (error instanceof TableNotFoundException || error instanceof InvalidFieldNameException) {
    return t(
      "数据表不是这个版本的。请启动服务器，或执行：wxpass migrate",
      "The tables are not those of this version. Start the server, or run: wxpass migrate",
    );
  }
  const { message, code } = describeError(error);
  return `${t("失败：", "Failed: ")}${[message.trim(), code].filter(Boolean).join(" ")}`;
}
