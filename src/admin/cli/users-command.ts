import type { Command } from "commander";
import { validate as isUuid } from "uuid";
import { recordAct } from "../../audit/record-act.js";
import { countRows } from "../../database/row-counts.js";
import type { Translate } from "../../errors.js";
import type { User } from "../../user/user.js";
import { appsOfUsers } from "../apps-of-users.js";
import { findByText, findUsers, type Page } from "../find-users.js";
import { maskPhone } from "../mask.js";
import type { Search } from "../search.js";
import { type Data, withData } from "./open-data.js";
import { asJson, table, thereAreMore } from "./print.js";
import type { Terminal } from "./terminal.js";
import { createValues } from "./values.js";

interface UsersOptions extends Omit<Search, "lastSignInOn"> {
  lastSignInOn?: string;
  json?: true;
}

/** Adds the command that finds users. */
export function addUsersCommand(program: Command, terminal: Terminal): void {
  const { t, print } = terminal;
  const command = program
    .command("users")
    .argument(
      t("[文本]", "[text]"),
      t(
        "找谁：ID 或其末几位、手机号、邮箱、openid、unionid，或昵称的开头",
        "whom to look for: an id or its end, a phone number, an e-mail address, an openid or unionid, or how a nickname begins",
      ),
    )
    .description(t("列出用户，新的在前", "list users, the newest first"));
  addFilters(command, terminal);
  command.action((text: string | undefined, { json, ...options }: UsersOptions) => {
    const named = identifying.find((name) => text !== undefined && options[name] !== undefined);
    if (named) {
      command.error(t(`错误：文本和 --${named} 只能用一个`, `error: take the text or --${named}, not both`));
    }
    return withData(terminal, async (data) => {
      const { users, next } = await findWhom(data, text, options);
      const listed = await withApps(data, users);
      if (json) return print(await exportOf(data, listed, next));
      print(userTable(t, listed));
      if (next) print(thereAreMore(t, next));
      if (text !== undefined || !isOfAll(options)) return;
      const count = await countRows(data.em, "users");
      print(t(`\n用户总数：${count}\n`, `\nUsers altogether: ${count}\n`));
    });
  });
}

function addFilters(command: Command, terminal: Terminal): void {
  const { t } = terminal;
  const { count, day, idOrEnd, phoneNumber, uuid } = createValues(terminal);
  const dayOrNever = (text: string) => (text === never ? never : day(text));
  command
    .option("--id <id>", t("ID 是它，或以它结尾", "whose id is this, or ends like this"), idOrEnd)
    .option(
      t("--phone <手机号>", "--phone <number>"),
      t("手机号是它，+86 可以省略", "who has this number; +86 may be left out"),
      phoneNumber,
    )
    .option(
      t("--email <邮箱>", "--email <address>"),
      t("邮箱是它，不分大小写", "who has this e-mail address, in any case"),
    )
    .option("--openid <openid>", t("openid 是它", "who has this openid"))
    .option("--unionid <unionid>", t("unionid 是它", "who has this unionid"))
    .option(
      t("--nickname <文本>", "--nickname <text>"),
      t("昵称以它开头，不分大小写", "whose nickname begins like this, in any case"),
    )
    .option("--disabled", t("仅已停用的", "only the disabled"))
    .option("--no-disabled", t("仅未停用的", "only those who are not disabled"))
    .option("--app-id <id>", t("登录过这个小程序", "who has signed in to this app"))
    .option(
      t("--signed-up-on <日期>", "--signed-up-on <day>"),
      t("这一天（北京时间）注册，如 2026-01-31", "who came on this day in China, such as 2026-01-31"),
      day,
    )
    .option(
      t("--last-sign-in-on <日期>", "--last-sign-in-on <day>"),
      t("最近一次登录在这一天；never 表示从未登录", "who signed in on this day for the last time, or never"),
      dayOrNever,
    )
    .option(t("--limit <数量>", "--limit <count>"), t("最多列出多少个", "how many at most"), count, 20)
    .option(
      "--after <id>",
      t("翻页：从这个用户之后继续，即上一页的最后一个", "go on after this user, the last of the page before"),
      uuid,
    )
    .option(
      "--json",
      t(
        "输出 JSON，手机号完整，并记入审计日志",
        "print JSON, with phone numbers in full, and write that into the audit log",
      ),
    );
}

/** What a text may mean by itself. */
const identifying = ["id", "phone", "email", "openid", "unionid", "nickname"] as const satisfies (keyof Search)[];

const findWhom = ({ em }: Data, text: string | undefined, options: UsersOptions): Promise<Page> =>
  text === undefined ? findUsers(em, searchOf(options)) : findByText(em, text, searchOf(options));

function searchOf({ id, lastSignInOn, ...others }: UsersOptions): Search {
  return {
    ...others,
    ...(id !== undefined && (isUuid(id) ? { id } : { idEnd: id })),
    ...(lastSignInOn !== undefined && { lastSignInOn: lastSignInOn === never ? null : lastSignInOn }),
  };
}

const isOfAll = ({ limit: _, after: __, ...filters }: UsersOptions) => Object.keys(filters).length === 0;

const never = "never";

/** A user of a list. */
interface Listed {
  user: User;
  appIds: string[];
}

async function withApps({ em }: Data, users: User[]): Promise<Listed[]> {
  const apps = await appsOfUsers(em, users);
  return users.map((user) => ({ user, appIds: apps.get(user.id) ?? [] }));
}

/** Users one a line. */
const userTable = (t: Translate, listed: Listed[]) =>
  table(
    [
      "ID",
      t("注册时间", "CREATED"),
      t("最近登录", "LAST SIGN-IN"),
      t("小程序", "APPS"),
      t("手机号", "PHONE"),
      t("状态", "STATE"),
      t("昵称", "NICKNAME"),
    ],
    listed.map(({ user: { id, createdAt, lastSignInOn, phone, disabledAt, nickname }, appIds }) => [
      id,
      createdAt.toISOString(),
      lastSignInOn,
      appIds.join(" ") || null,
      phone && maskPhone(phone),
      disabledAt ? t("已停用", "disabled") : t("正常", "active"),
      nickname,
    ]),
  );

/** The list for programs, on record. */
async function exportOf({ em, now, by }: Data, listed: Listed[], next: string | null): Promise<string> {
  if (listed.length > 0) await recordAct(em, now(), { by, act: "export", detail: `users listed: ${listed.length}` });
  return asJson({ users: listed.map(summaryOf), next });
}

const summaryOf = ({ user, appIds }: Listed) => {
  const { id, nickname, phone, createdAt, updatedAt, disabledAt, lastSignInOn } = user;
  return { id, nickname, phone, createdAt, updatedAt, disabledAt, lastSignInOn, appIds };
};
