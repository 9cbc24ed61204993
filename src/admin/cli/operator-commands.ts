import { type Command, InvalidArgumentError } from "commander";
import { withoutPersonalData } from "../../audit/record-act.js";
import { listOperators, makeLink, removeOperator } from "../../operators/operators.js";
import { loadDataConfig } from "../../settings/config.js";
import { AdminError } from "../admin-error.js";
import { withData } from "./open-data.js";
import { table } from "./print.js";
import type { Terminal } from "./terminal.js";

/** Adds the commands about who may use the operator's page. */
export function addOperatorCommands(program: Command, terminal: Terminal): void {
  program
    .command("login-link")
    .argument("<name>", "who it is for; the audit log shows this name", operatorName)
    .description("print a link with which an operator signs in to the operator's page, once, within ten minutes")
    .action((name: string) =>
      withData(terminal, async ({ by, ...context }) => {
        const key = await makeLink(context, by, name);
        terminal.print(`${loadDataConfig(terminal.env).publicUrl}/operator/sign-in?key=${key}\n`);
        if (terminal.env["OPERATOR_PAGE"] !== "on") {
          terminal.printError("The page is off here: the server needs OPERATOR_PAGE=on.\n");
        }
      }),
    );

  program
    .command("operators")
    .description("list who may use the operator's page")
    .action(() =>
      withData(terminal, async ({ em }) => {
        const operators = await listOperators(em);
        terminal.print(
          table(
            ["SINCE", "NAME"],
            operators.map(({ name, createdAt }) => [createdAt.toISOString(), name]),
          ),
        );
      }),
    );

  program
    .command("remove-operator")
    .argument("<name>", "the operator's name", operatorName)
    .description("sign an operator out of the operator's page for good")
    .action((name: string) =>
      withData(terminal, async ({ by, ...context }) => {
        if (!(await removeOperator(context, by, name))) throw new AdminError(`No operator has the name ${name}.`);
        terminal.print(`Removed: ${name}.\n`);
      }),
    );
}

/** A name is written into the audit log, which stays when the person is erased. */
function operatorName(text: string): string {
  if (!/^[\p{L}\p{N}][\p{L}\p{N}\p{M}._-]{0,39}$/u.test(text) || withoutPersonalData(text) !== text) {
    throw new InvalidArgumentError(
      "It may have 40 letters, digits, dots, hyphens and underscores, and be no phone number.",
    );
  }
  return text.normalize("NFC");
}
