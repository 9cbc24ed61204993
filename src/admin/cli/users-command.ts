import type { Command } from "commander";
import { validate as isUuid } from "uuid";
import { recordAct } from "../../audit/record-act.js";
import { countRows } from "../../database/row-counts.js";
import type { User } from "../../user/user.js";
import { appsOfUsers } from "../apps-of-users.js";
import { findByText, findUsers, type Page } from "../find-users.js";
import { maskPhone } from "../mask.js";
import type { Search } from "../search.js";
import { type Data, withData } from "./open-data.js";
import { asJson, table } from "./print.js";
import type { Terminal } from "./terminal.js";
import { count, day, idOrEnd, phoneNumber, uuid } from "./values.js";

interface UsersOptions extends Omit<Search, "lastSignInOn"> {
  lastSignInOn?: string;
  json?: true;
}

/** Adds the command that finds users. */
export function addUsersCommand(program: Command, terminal: Terminal): void {
  program
    .command("users")
    .argument(
      "[text]",
      "whom to look for: an id or its end, a phone number, an e-mail address, an openid or unionid, or how a nickname begins",
    )
    .description("list users, the newest first")
    .option("--id <id>", "whose id is this, or ends like this", idOrEnd)
    .option("--phone <number>", "who has this number; +86 may be left out", phoneNumber)
    .option("--email <address>", "who has this e-mail address, in any case")
    .option("--openid <openid>", "who has this openid")
    .option("--unionid <unionid>", "who has this unionid")
    .option("--nickname <text>", "whose nickname begins like this, in any case")
    .option("--disabled", "only the disabled")
    .option("--no-disabled", "only those who are not disabled")
    .option("--app-id <id>", "who has signed in to this app")
    .option("--signed-up-on <day>", "who came on this day in China, such as 2026-01-31", day)
    .option("--last-sign-in-on <day>", "who signed in on this day for the last time, or never", dayOrNever)
    .option("--limit <count>", "how many at most", count, 20)
    .option("--after <id>", "go on after this user, the last of the page before", uuid)
    .option("--json", "print JSON, with phone numbers in full, and write that into the audit log")
    .action((text: string | undefined, { json, ...options }: UsersOptions, command: Command) => {
      const named = identifying.find((name) => text !== undefined && options[name] !== undefined);
      if (named) command.error(`error: take the text or --${named}, not both`);
      return withData(terminal, async (data) => {
        const { users, next } = await findWhom(data, text, options);
        const listed = await withApps(data, users);
        if (json) return terminal.print(await exportOf(data, listed, next));
        terminal.print(userTable(listed));
        if (next) terminal.print(`\nThere are more: --after ${next}\n`);
        if (text === undefined && isOfAll(options)) {
          terminal.print(`\nUsers altogether: ${await countRows(data.em, "users")}\n`);
        }
      });
    });
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

const dayOrNever = (text: string) => (text === never ? never : day(text));

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
const userTable = (listed: Listed[]) =>
  table(
    ["ID", "CREATED", "LAST SIGN-IN", "APPS", "PHONE", "STATE", "NICKNAME"],
    listed.map(({ user: { id, createdAt, lastSignInOn, phone, disabledAt, nickname }, appIds }) => [
      id,
      createdAt.toISOString(),
      lastSignInOn,
      appIds.join(" ") || null,
      phone && maskPhone(phone),
      disabledAt ? "disabled" : "active",
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
