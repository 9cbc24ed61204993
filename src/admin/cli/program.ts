import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { Command } from "commander";
import type { Text, Translate } from "../../errors.js";
import { loadJwtSecrets } from "../../settings/config.js";
import { accessKeyOf } from "../../tokens/keys.js";
import { AdminError } from "../admin-error.js";
import { backUp } from "../back-up.js";
import { findUnknownFiles } from "../find-unknown-files.js";
import { makeKeyFile } from "../make-key-file.js";
import { printable } from "../printable.js";
import { addAuditCommand } from "./audit-command.js";
import { speakTo } from "./command-language.js";
import { addDoctorCommand } from "./doctor-command.js";
import { addImportCommand } from "./import-command.js";
import { withData } from "./open-data.js";
import { addOperatorCommands } from "./operator-commands.js";
import type { Terminal } from "./terminal.js";
import { addUserCommands } from "./user-commands.js";
import { addUsersCommand } from "./users-command.js";
import { addWebhooksCommand } from "./webhooks-command.js";

const aboutOf = (t: Translate) =>
  [
    t(
      "管理 wxpass 的数据，服务器开着或停着都可以用。",
      "Keeps house for wxpass, beside the running server or without it.",
    ),
    "",
    t(
      "配置和服务器相同（环境变量或 .env 里的 DATABASE_URL、STORAGE_URL）。改动从服务器的下一个请求起生效。这里不会创建或修改数据表，那是服务器启动时和 wxpass migrate 做的事。",
      "It reads the server's own settings (DATABASE_URL and STORAGE_URL, from the environment or .env). What it changes holds from the server's next request on. It never makes or changes tables: the server does at its start, and so does wxpass migrate.",
    ),
  ].join("\n");

/** The operator's commands. They write to the terminal and throw what goes wrong. */
export function createProgram(terminal: Terminal): Command {
  const { t } = terminal;
  const program = speakTo(terminal, new Command("admin"))
    .description(aboutOf(t))
    .addHelpText("after", t("\n退出码：0 完成，1 失败，2 用法错误。", "\nExit codes: 0 done, 1 failed, 2 wrong usage."))
    .exitOverride();

  addUsersCommand(program, terminal);
  addUserCommands(program, terminal);
  addImportCommand(program, terminal);
  addAuditCommand(program, terminal);
  addOperatorCommands(program, terminal);
  addDataCommands(program, terminal);
  addWebhooksCommand(program, terminal);
  addSecretCommands(program, terminal);
  addDoctorCommand(program, terminal);
  return program;
}

const isForSqlite: Text = {
  zh: "这个命令只用于 SQLite。PostgreSQL 请用它自己的 pg_dump。",
  en: "This is for SQLite. For PostgreSQL use its own pg_dump.",
};

function addDataCommands(program: Command, terminal: Terminal): void {
  const { t, print, printError } = terminal;
  program
    .command("backup")
    .argument(t("<文件>", "<file>"), t("备份写到哪里，不能是已有的文件", "where to write it; must not exist"))
    .description(
      t(
        "备份 SQLite 数据库，服务不用停，得到的是完整一致的副本",
        "write a consistent copy of the SQLite database while the server serves",
      ),
    )
    .action((file: string) =>
      withData(terminal, async ({ driver, ...context }) => {
        if (driver !== "sqlite") throw new AdminError(isForSqlite);
        const size = await backUp(context, resolve(file));
        print(t(`已写入 ${file}（${size} 字节）。\n`, `Wrote ${file} (${size} bytes).\n`));
      }),
    );

  program
    .command("unknown-files")
    .description(
      t(
        "列出头像目录里这个数据库从未记录过的文件，每行一个；不会删除任何东西",
        "list files beside the avatars that this database never named, one a line; nothing is removed",
      ),
    )
    .action(() =>
      withData(terminal, async ({ em, openAvatars }) => {
        let count = 0;
        for await (const name of findUnknownFiles(em, await openAvatars())) {
          print(`${printable(name)}\n`);
          count++;
        }
        printError(t(`未知文件：${count} 个。\n`, `Unknown files: ${count}.\n`));
      }),
    );
}

function addSecretCommands(program: Command, { env, t, print }: Terminal): void {
  program
    .command("make-secret")
    .description(t("生成一个随机的 JWT_SECRET", "print a new random value for JWT_SECRET"))
    .option("--webhook", t("改为生成 WEBHOOK_SECRET", "for WEBHOOK_SECRET instead"))
    .action(({ webhook }: { webhook?: true }) =>
      print(webhook ? `whsec_${randomBytes(32).toString("base64")}\n` : `${randomBytes(48).toString("base64url")}\n`),
    );

  program
    .command("access-key")
    .description(
      t(
        "打印其他服务验证访问令牌（HS256）用的密钥，JWT_SECRET 里每个密钥一行，顺序相同",
        "print the key with which other services check access tokens (HS256); one line for each secret of JWT_SECRET, in their order",
      ),
    )
    .action(() => {
      for (const secret of loadJwtSecrets(env)) print(`${accessKeyOf(secret)}\n`);
    });

  program
    .command("make-keys")
    .argument(t("<文件>", "<file>"), t("写到哪里，不能是已有的文件", "where to write it; must not exist"))
    .option(
      "--rsa",
      t("给只支持 RS256 的服务；不加则为 ES256", "for services that know RS256 alone; without it the key signs ES256"),
    )
    .description(
      t(
        "生成 JWT_KEYS 用的私钥，只有文件所有者可读",
        "write a new private key for JWT_KEYS, which only its owner can read",
      ),
    )
    .action((file: string, { rsa }: { rsa?: boolean }) => {
      const algorithm = rsa ? "RS256" : "ES256";
      const id = makeKeyFile(resolve(file), algorithm);
      const what = `${algorithm}, kid ${id}`;
      print(t(`已写入 ${printable(file)}：${what}。\n`, `Wrote ${printable(file)}: ${what}.\n`));
    });
}
