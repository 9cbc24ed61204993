import type { SqlEntityManager } from "@mikro-orm/sql";
import type { Command } from "commander";
import { pino } from "pino";
import { recordAct } from "../../audit/record-act.js";
import type { Text, Translate } from "../../errors.js";
import { exportUser } from "../../privacy/export-user.js";
import { User } from "../../user/user.js";
import { inWords } from "../act-context.js";
import { AdminError } from "../admin-error.js";
import { deleteUser } from "../delete-user.js";
import { disableUser, enableUser } from "../disable-user.js";
import { endSessions } from "../end-sessions.js";
import { findUserId } from "../find-user-id.js";
import { printable } from "../printable.js";
import { withData } from "./open-data.js";
import { asJson, masked, userSheet } from "./print.js";
import type { Terminal } from "./terminal.js";
import { createValues } from "./values.js";

/** Adds the commands about one user. */
export function addUserCommands(program: Command, terminal: Terminal): void {
  for (const add of [addUser, addDisable, addEnable, addEndSessions, addDelete]) add(program, terminal);
}

function addUser(program: Command, terminal: Terminal): void {
  const { t, print } = terminal;
  commandOn(program, terminal, "user")
    .description(
      t("查看某个用户的全部数据，包括微信身份和会话", "show what is held about a user, with identities and sessions"),
    )
    .option(
      "--show-openid",
      t(
        "显示完整的 openid 和 unionid，并记入审计日志",
        "show openids and unionids in full, and write that into the audit log",
      ),
    )
    .option(
      "--show-personal",
      t(
        "显示完整的手机号和邮箱，并记入审计日志",
        "show the phone number and the e-mail address in full, and write that into the audit log",
      ),
    )
    .option(
      "--json",
      t(
        "输出 JSON，手机号和邮箱完整，并记入审计日志",
        "print JSON, with phone number and e-mail address in full, and write that into the audit log",
      ),
    )
    .action((idOrEnd: string, { showOpenid = false, showPersonal = false, json = false }: ShowOptions) =>
      withData(terminal, async ({ em, now, by, openAvatars }) => {
        const id = await findUserId(em, idOrEnd);
        const held = (await exportUser({ em, avatarStore: await openAvatars(), now }, id)) ?? nobody(id);
        const detail = inWords(
          ...(showOpenid ? ["with openids"] : []),
          ...(showPersonal ? ["with phone and e-mail"] : []),
        );
        const line = { by, act: json ? "export" : "show", userId: id, detail } as const;
        if (json || showOpenid || showPersonal) await recordAct(em, now(), line);
        const shown = masked(held, { openids: showOpenid, personal: showPersonal || json });
        print(json ? asJson(shown) : userSheet(t, shown));
      }),
    );
}

interface ShowOptions {
  showOpenid?: boolean;
  showPersonal?: boolean;
  json?: boolean;
}

function addDisable(program: Command, terminal: Terminal): void {
  const { t, print } = terminal;
  actOn(program, terminal, "disable")
    .description(
      t(
        "停用用户：不能登录，令牌全部失效，会话结束",
        "bar a user from signing in and from using tokens, and end the sessions",
      ),
    )
    .action((idOrEnd: string, { reason }: ActOptions) =>
      withData(terminal, async (context) => {
        const { id } = await requireUser(context.em, idOrEnd);
        const { changed, ended } = await disableUser(context, id, reason);
        const what = changed ? t("已停用", "Disabled") : t("原本就已停用", "Was disabled already");
        print(t(`${what}：${id}。结束会话 ${ended} 个。\n`, `${what}: ${id}. Sessions ended: ${ended}.\n`));
      }),
    );
}

function addEnable(program: Command, terminal: Terminal): void {
  const { t, print } = terminal;
  actOn(program, terminal, "enable")
    .description(t("恢复已停用的用户", "let a disabled user in again"))
    .action((idOrEnd: string, { reason }: ActOptions) =>
      withData(terminal, async (context) => {
        const { id } = await requireUser(context.em, idOrEnd);
        const changed = await enableUser(context, id, reason);
        const what = changed ? t("已恢复", "Enabled") : t("没有被停用", "Was not disabled");
        print(t(`${what}：${id}。\n`, `${what}: ${id}.\n`));
      }),
    );
}

function addEndSessions(program: Command, terminal: Terminal): void {
  const { t, print } = terminal;
  actOn(program, terminal, "end-sessions")
    .description(t("让用户在所有设备上退出登录", "sign a user out everywhere"))
    .action((idOrEnd: string, { reason }: ActOptions) =>
      withData(terminal, async (context) => {
        const { id } = await requireUser(context.em, idOrEnd);
        const ended = await endSessions(context, id, reason);
        print(t(`结束会话 ${ended} 个。\n`, `Sessions ended: ${ended}.\n`));
      }),
    );
}

const needsYes: Text = {
  zh: "错误：这里没有终端可以确认，delete 需要加 --yes",
  en: "error: without a terminal to ask at, delete needs --yes",
};

function addDelete(program: Command, terminal: Terminal): void {
  const { t, language, print, printError } = terminal;
  actOn(program, terminal, "delete")
    .description(t("彻底删除用户和所有属于此人的数据", "erase a user and everything that belongs to them, for good"))
    .option("--yes", t("不询问", "don't ask"))
    .action((idOrEnd: string, { yes, reason }: ActOptions & { yes?: true }, command: Command) =>
      withData(terminal, async ({ openAvatars, refuseForeign, ...context }) => {
        await refuseForeign();
        const user = await requireUser(context.em, idOrEnd);
        const { id } = user;
        if (!yes && !terminal.isInteractive) command.error(needsYes[language]);
        if (!yes && !(await terminal.confirm(questionOf(t, user)))) throw new AdminError(nothingDeleted);
        const log = pino({ base: null }, { write: printError });
        if (!(await deleteUser({ ...context, avatarStore: await openAvatars(), log }, id, reason))) nobody(id);
        print(t(`已删除：${id}。\n`, `Deleted: ${id}.\n`));
      }),
    );
}

const nothingDeleted: Text = { zh: "什么都没有删除。", en: "Nothing was deleted." };

function questionOf(t: Translate, { id, nickname, createdAt }: User): string {
  const name = printable(nickname ?? t("没有昵称的用户", "the user without a nickname"));
  const since = createdAt.toISOString();
  return t(`彻底删除 ${name}（${id}，注册于 ${since}）？`, `Erase ${name} (${id}, since ${since}) for good?`);
}

const commandOn = (program: Command, { t, ...terminal }: Terminal, name: string) =>
  program
    .command(name)
    .argument(
      "<id>",
      t("用户的 ID，或者别人没有的末几位", "the user's id, or an end of it that nobody else has"),
      createValues(terminal).idOrEnd,
    );

interface ActOptions {
  reason?: string;
}

/** A command that the audit log gives a line. */
const actOn = (program: Command, terminal: Terminal, name: string) =>
  commandOn(program, terminal, name).option(
    terminal.t("--reason <原因>", "--reason <text>"),
    terminal.t("原因，写进审计日志", "why, for the audit log"),
    createValues(terminal).reason,
  );

async function requireUser(em: SqlEntityManager, idOrEnd: string): Promise<User> {
  const id = await findUserId(em, idOrEnd);
  return (await em.findOne(User, id)) ?? nobody(id);
}

function nobody(id: string): never {
  throw new AdminError({ zh: `没有 ID 为 ${id} 的用户。`, en: `No user has the id ${id}.` });
}
