import type { Command } from "commander";
import { withoutPersonalData } from "../../audit/record-act.js";
import type { Text } from "../../errors.js";
import { isSecureAddress } from "../../hosts.js";
import { listOperators, makeLink, removeOperator } from "../../operators/operators.js";
import { loadDataConfig } from "../../settings/config.js";
import { AdminError } from "../admin-error.js";
import { withData } from "./open-data.js";
import { table } from "./print.js";
import type { Terminal } from "./terminal.js";
import { createValues } from "./values.js";

/** Adds the commands about who may use the operator's page. */
export function addOperatorCommands(program: Command, terminal: Terminal): void {
  for (const add of [addLoginLink, addOperators, addRemoveOperator]) add(program, terminal);
}

function addLoginLink(program: Command, terminal: Terminal): void {
  const { env, t, print, printError } = terminal;
  program
    .command("login-link")
    .argument(
      t("<名字>", "<name>"),
      t("给谁用，审计日志里会出现这个名字", "who it is for; the audit log shows this name"),
      operatorName(terminal),
    )
    .description(
      t(
        "打印一个登录管理页的链接，只能用一次，十分钟内有效",
        "print a link with which an operator signs in to the operator's page, once, within ten minutes",
      ),
    )
    .action((name: string) =>
      withData(terminal, async ({ by, ...context }) => {
        const key = await makeLink(context, by, name);
        const { publicUrl } = loadDataConfig(env);
        print(`${publicUrl}/operator/sign-in?key=${key}\n`);
        if (!isSecureAddress(publicUrl)) {
          printError(
            t(
              "这个地址不是 https，管理页在那里打不开：请设置 PUBLIC_URL，或在服务器本机上把主机名换成 127.0.0.1 打开。\n",
              "This address is no https, so the page doesn't open there: set PUBLIC_URL, or open it on the server itself with 127.0.0.1 as the host.\n",
            ),
          );
        }
        if (env["OPERATOR_PAGE"] === "on") return;
        printError(
          t(
            "这里没有打开管理页：服务器需要设置 OPERATOR_PAGE=on。\n",
            "The page is off here: the server needs OPERATOR_PAGE=on.\n",
          ),
        );
      }),
    );
}

function addOperators(program: Command, terminal: Terminal): void {
  const { t, print } = terminal;
  program
    .command("operators")
    .description(t("列出谁可以用管理页", "list who may use the operator's page"))
    .action(() =>
      withData(terminal, async ({ em }) => {
        const operators = await listOperators(em);
        const rows = operators.map(({ name, createdAt }) => [createdAt.toISOString(), name]);
        print(table([t("加入时间", "SINCE"), t("名字", "NAME")], rows));
      }),
    );
}

function addRemoveOperator(program: Command, terminal: Terminal): void {
  const { t, print } = terminal;
  program
    .command("remove-operator")
    .argument(t("<名字>", "<name>"), t("此人的名字", "the operator's name"), operatorName(terminal))
    .description(t("移除管理员，此人不能再用管理页", "sign an operator out of the operator's page for good"))
    .action((name: string) =>
      withData(terminal, async ({ by, ...context }) => {
        if (!(await removeOperator(context, by, name))) {
          throw new AdminError({ zh: `没有名为 ${name} 的人。`, en: `No operator has the name ${name}.` });
        }
        print(t(`已移除：${name}。\n`, `Removed: ${name}.\n`));
      }),
    );
}

const noName: Text = {
  zh: "名字最多 40 个字符，可以用文字、数字、点、横线和下划线，不能是手机号。",
  en: "It may have 40 letters, digits, dots, hyphens and underscores, and be no phone number.",
};

/** A name is written into the audit log, which stays when the person is erased. */
const operatorName = (terminal: Terminal) => (text: string) => {
  const isName = /^[\p{L}\p{N}][\p{L}\p{N}\p{M}._-]{0,39}$/u.test(text) && withoutPersonalData(text) === text;
  return isName ? text.normalize("NFC") : createValues(terminal).refuse(noName);
};
