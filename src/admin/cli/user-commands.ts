import type { SqlEntityManager } from "@mikro-orm/sql";
import { type Command, InvalidArgumentError } from "commander";
import { pino } from "pino";
import { recordAct } from "../../audit/record-act.js";
import { parsePhoneNumber } from "../../phone-number.js";
import { exportUser } from "../../privacy/export-user.js";
import { User } from "../../user/user.js";
import { AdminError } from "../admin-error.js";
import { deleteUser } from "../delete-user.js";
import { disableUser, enableUser } from "../disable-user.js";
import { endSessions } from "../end-sessions.js";
import { findUsers } from "../find-users.js";
import { withData } from "./open-data.js";
import { asJson, userSheet, userSummary, userTable, withoutOpenids } from "./print.js";
import type { Terminal } from "./terminal.js";
import { count, reason as reasonText, uuid } from "./values.js";

interface UsersOptions {
  id?: string;
  phone?: string;
  nickname?: string;
  limit: number;
  after?: string;
  json?: true;
}

/** Adds the commands about users. */
export function addUserCommands(program: Command, terminal: Terminal): void {
  for (const add of [addUsers, addUser, addDisable, addEnable, addEndSessions, addDelete]) add(program, terminal);
}

function addUsers(program: Command, terminal: Terminal): void {
  program
    .command("users")
    .description("list users, the newest first")
    .option("--id <id>", "the one with this id", uuid)
    .option("--phone <number>", "the one with this number, such as +8613800138000", phoneNumber)
    .option("--nickname <text>", "those whose nickname begins with this, in any case")
    .option("--limit <count>", "how many at most", count, 20)
    .option("--after <id>", "go on after this user, the last of the page before", uuid)
    .option("--json", "print JSON")
    .action(({ json, ...search }: UsersOptions) =>
      withData(terminal, async ({ em }) => {
        const { users, next } = await findUsers(em, search);
        if (json) return terminal.print(asJson({ users: users.map(userSummary), next }));
        terminal.print(userTable(users));
        if (next) terminal.print(`\nThere are more: --after ${next}\n`);
      }),
    );
}

function addUser(program: Command, terminal: Terminal): void {
  commandOn(program, "user", "show what is held about a user, with identities and sessions")
    .option("--show-openid", "show openids and unionids in full")
    .option("--json", "print JSON")
    .action((id: string, { showOpenid, json }: { showOpenid?: true; json?: true }) =>
      withData(terminal, async ({ em, now, by, openAvatars }) => {
        const held = await exportUser({ em, avatarStore: await openAvatars(), now }, id);
        const shown = showOpenid ? (held ?? nobody(id)) : withoutOpenids(held ?? nobody(id));
        const line = { by, act: json ? "export" : "show", userId: id, detail: showOpenid && "with openids" } as const;
        if (json || showOpenid) await recordAct(em, now(), line);
        terminal.print(json ? asJson(shown) : userSheet(shown));
      }),
    );
}

function addDisable(program: Command, terminal: Terminal): void {
  actOn(program, "disable", "bar a user from signing in and from using tokens, and end the sessions").action(
    (id: string, { reason }: ActOptions) =>
      withData(terminal, async (context) => {
        await requireUser(context.em, id);
        const { changed, ended } = await disableUser(context, id, reason);
        terminal.print(`${changed ? "Disabled" : "Was disabled already"}: ${id}. Sessions ended: ${ended}.\n`);
      }),
  );
}

function addEnable(program: Command, terminal: Terminal): void {
  actOn(program, "enable", "let a disabled user in again").action((id: string, { reason }: ActOptions) =>
    withData(terminal, async (context) => {
      await requireUser(context.em, id);
      const changed = await enableUser(context, id, reason);
      terminal.print(`${changed ? "Enabled" : "Was not disabled"}: ${id}.\n`);
    }),
  );
}

function addEndSessions(program: Command, terminal: Terminal): void {
  actOn(program, "end-sessions", "sign a user out everywhere").action((id: string, { reason }: ActOptions) =>
    withData(terminal, async (context) => {
      await requireUser(context.em, id);
      const ended = await endSessions(context, id, reason);
      terminal.print(`Sessions ended: ${ended}.\n`);
    }),
  );
}

function addDelete(program: Command, terminal: Terminal): void {
  actOn(program, "delete", "erase a user and everything that belongs to them, for good")
    .option("--yes", "don't ask")
    .action((id: string, { yes, reason }: ActOptions & { yes?: true }, command: Command) =>
      withData(terminal, async ({ openAvatars, ...context }) => {
        const user = await requireUser(context.em, id);
        if (!yes && !terminal.isInteractive) command.error("error: without a terminal to ask at, delete needs --yes");
        if (!yes && !(await terminal.confirm(`Erase ${describe(user)} for good?`))) {
          throw new AdminError("Nothing was deleted.");
        }
        const log = pino({ base: null }, { write: terminal.printError });
        if (!(await deleteUser({ ...context, avatarStore: await openAvatars(), log }, id, reason))) nobody(id);
        terminal.print(`Deleted: ${id}.\n`);
      }),
    );
}

const commandOn = (program: Command, name: string, description: string) =>
  program.command(name).description(description).argument("<id>", "the user's id", uuid);

interface ActOptions {
  reason?: string;
}

/** A command that the audit log gives a line. */
const actOn = (program: Command, name: string, description: string) =>
  commandOn(program, name, description).option("--reason <text>", "why, for the audit log", reasonText);

const describe = ({ id, nickname, createdAt }: User) =>
  `${nickname ?? "the user without a nickname"} (${id}, since ${createdAt.toISOString()})`;

async function requireUser(em: SqlEntityManager, id: string): Promise<User> {
  return (await em.findOne(User, id)) ?? nobody(id);
}

function nobody(id: string): never {
  throw new AdminError(`No user has the id ${id}.`);
}

function phoneNumber(text: string): string {
  const number = parsePhoneNumber(text);
  if (number === undefined) throw new InvalidArgumentError("Write it in full, such as +8613800138000.");
  return number;
}
