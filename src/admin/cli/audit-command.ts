import type { SqlEntityManager } from "@mikro-orm/sql";
import { type Command, Option } from "commander";
import type { AuditEntry } from "../../audit/audit-entry.js";
import { acts } from "../../audit/record-act.js";
import { boundsOfDay } from "../../clock.js";
import { lineOf, linesAsCsv } from "../act-lines.js";
import { type ActSearch, findActs } from "../find-acts.js";
import { findUserId } from "../find-user-id.js";
import { withData } from "./open-data.js";
import { asJson, table } from "./print.js";
import type { Terminal } from "./terminal.js";
import { count, day, idOrEnd, uuid } from "./values.js";

interface AuditOptions extends Omit<ActSearch, "from" | "to"> {
  from?: string;
  to?: string;
  json?: true;
  csv?: true;
}

/** Adds the command that shows what was done, by whom. */
export function addAuditCommand(program: Command, terminal: Terminal): void {
  program
    .command("audit")
    .description("show what operators did, and what WeChat had us erase, the newest first")
    .option("--user <id>", "on this user; of one who is there, the end of the id is enough", idOrEnd)
    .option("--actor <name>", "by this operator, or by WeChat")
    .addOption(new Option("--act <act>", "of this kind").choices(acts))
    .option("--from <day>", "since this day in China, such as 2026-01-31", day)
    .option("--to <day>", "up to this day and with it", day)
    .option("--limit <count>", "how many at most", count, 20)
    .option("--after <id>", "go on after this line, the last of the page before", uuid)
    .addOption(new Option("--json", "print JSON").conflicts("csv"))
    .option("--csv", "print CSV")
    .action(({ json, csv: asCsv, ...options }: AuditOptions) =>
      withData(terminal, async ({ em }) => {
        const { entries, next } = await findActs(em, await searchOf(em, options));
        if (json) return terminal.print(asJson({ acts: entries.map(lineOf), next }));
        terminal.print(asCsv ? linesAsCsv(entries) : auditTable(entries));
        if (next) (asCsv ? terminal.printError : terminal.print)(`\nThere are more: --after ${next}\n`);
      }),
    );
}

async function searchOf(em: SqlEntityManager, { user, from, to, ...others }: AuditOptions): Promise<ActSearch> {
  const [first, last] = [from, to].map((text) => text && boundsOfDay(text));
  return {
    ...others,
    ...(user !== undefined && { user: await findUserId(em, user) }),
    ...(first && { from: first.start }),
    ...(last && { to: last.end }),
  };
}

const auditTable = (entries: AuditEntry[]) =>
  table(
    ["TIME", "ACTOR", "FROM", "ACT", "USER", "DETAIL"],
    entries.map(({ actedAt, actor, origin, address, act, userId, detail }) => [
      actedAt.toISOString(),
      actor,
      address ?? origin,
      act,
      userId,
      detail,
    ]),
  );
