import type { SqlEntityManager } from "@mikro-orm/sql";
import type { Command } from "commander";
import { pino } from "pino";
import { recordAct } from "../../audit/record-act.js";
import { exportUser } from "../../privacy/export-user.js";
import { User } from "../../user/user.js";
import { inWords } from "../act-context.js";
import { AdminError } from "../admin-error.js";
import { deleteUser } from "../delete-user.js";
import { disableUser, enableUser } from "../disable-user.js";
import { endSessions } from "../end-sessions.js";
import { findUserId } from "../find-user-id.js";
import { withData } from "./open-data.js";
import { asJson, masked, userSheet } from "./print.js";
import type { Terminal } from "./terminal.js";
import { idOrEnd, reason as reasonText } from "./values.js";

/** Adds the commands about one user. */
export function addUserCommands(program: Command, terminal: Terminal): void {
  for (const add of [addUser, addDisable, addEnable, addEndSessions, addDelete]) add(program, terminal);
}

function addUser(program: Command, terminal: Terminal): void {
  commandOn(program, "user", "show what is held about a user, with identities and sessions")
    .option("--show-openid", "show openids and unionids in full, and write that into the audit log")
    .option(
      "--show-personal",
      "show the phone number and the e-mail address in full, and write that into the audit log",
    )
    .option("--json", "print JSON, with phone number and e-mail address in full, and write that into the audit log")
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
        terminal.print(json ? asJson(shown) : userSheet(shown));
      }),
    );
}

interface ShowOptions {
  showOpenid?: boolean;
  showPersonal?: boolean;
  json?: boolean;
}

function addDisable(program: Command, terminal: Terminal): void {
  actOn(program, "disable", "bar a user from signing in and from using tokens, and end the sessions").action(
    (idOrEnd: string, { reason }: ActOptions) =>
      withData(terminal, async (context) => {
        const { id } = await requireUser(context.em, idOrEnd);
        const { changed, ended } = await disableUser(context, id, reason);
        terminal.print(`${changed ? "Disabled" : "Was disabled already"}: ${id}. Sessions ended: ${ended}.\n`);
      }),
  );
}

function addEnable(program: Command, terminal: Terminal): void {
  actOn(program, "enable", "let a disabled user in again").action((idOrEnd: string, { reason }: ActOptions) =>
    withData(terminal, async (context) => {
      const { id } = await requireUser(context.em, idOrEnd);
      const changed = await enableUser(context, id, reason);
      terminal.print(`${changed ? "Enabled" : "Was not disabled"}: ${id}.\n`);
    }),
  );
}

function addEndSessions(program: Command, terminal: Terminal): void {
  actOn(program, "end-sessions", "sign a user out everywhere").action((idOrEnd: string, { reason }: ActOptions) =>
    withData(terminal, async (context) => {
      const { id } = await requireUser(context.em, idOrEnd);
      const ended = await endSessions(context, id, reason);
      terminal.print(`Sessions ended: ${ended}.\n`);
    }),
  );
}

function addDelete(program: Command, terminal: Terminal): void {
  actOn(program, "delete", "erase a user and everything that belongs to them, for good")
    .option("--yes", "don't ask")
    .action((idOrEnd: string, { yes, reason }: ActOptions & { yes?: true }, command: Command) =>
      withData(terminal, async ({ openAvatars, ...context }) => {
        const user = await requireUser(context.em, idOrEnd);
        const { id } = user;
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
  program
    .command(name)
    .description(description)
    .argument("<id>", "the user's id, or an end of it that nobody else has", idOrEnd);

interface ActOptions {
  reason?: string;
}

/** A command that the audit log gives a line. */
const actOn = (program: Command, name: string, description: string) =>
  commandOn(program, name, description).option("--reason <text>", "why, for the audit log", reasonText);

const describe = ({ id, nickname, createdAt }: User) =>
  `${nickname ?? "the user without a nickname"} (${id}, since ${createdAt.toISOString()})`;

async function requireUser(em: SqlEntityManager, idOrEnd: string): Promise<User> {
  const id = await findUserId(em, idOrEnd);
  return (await em.findOne(User, id)) ?? nobody(id);
}

function nobody(id: string): never {
  throw new AdminError(`No user has the id ${id}.`);
}
