import { type Command, InvalidArgumentError, Option } from "commander";
import type { AuditEntry } from "../../audit/audit-entry.js";
import { acts } from "../../audit/record-act.js";
import { type ActSearch, findActs } from "../find-acts.js";
import { withData } from "./open-data.js";
import { asJson, csv, table } from "./print.js";
import type { Terminal } from "./terminal.js";
import { count, uuid } from "./values.js";

interface AuditOptions extends ActSearch {
  json?: true;
  csv?: true;
}

/** Adds the command that shows what was done, by whom. */
export function addAuditCommand(program: Command, terminal: Terminal): void {
  program
    .command("audit")
    .description("show what operators did, and what WeChat had us erase, the newest first")
    .option("--user <id>", "on this user", uuid)
    .option("--actor <name>", "by this operator, or by WeChat")
    .addOption(new Option("--act <act>", "of this kind").choices(acts))
    .option("--from <day>", "since this day, such as 2026-01-31, where this machine is", startOfDay)
    .option("--to <day>", "up to this day and with it", endOfDay)
    .option("--limit <count>", "how many at most", count, 20)
    .option("--after <id>", "go on after this line, the last of the page before", uuid)
    .addOption(new Option("--json", "print JSON").conflicts("csv"))
    .option("--csv", "print CSV")
    .action(({ json, csv: asCsv, ...search }: AuditOptions) =>
      withData(terminal, async ({ em }) => {
        const { entries, next } = await findActs(em, search);
        const lines = entries.map(lineOf);
        if (json) return terminal.print(asJson({ acts: lines, next }));
        terminal.print(asCsv ? csv(columns, lines.map(cellsOf)) : auditTable(lines));
        if (next) (asCsv ? terminal.printError : terminal.print)(`\nThere are more: --after ${next}\n`);
      }),
    );
}

const lineOf = ({ id, actedAt, actor, origin, act, userId, detail }: AuditEntry) => ({
  id,
  actedAt: actedAt.toISOString(),
  actor,
  origin,
  act,
  userId,
  detail,
});

type Line = ReturnType<typeof lineOf>;

const columns = ["id", "actedAt", "actor", "origin", "act", "userId", "detail"] as const satisfies (keyof Line)[];

const cellsOf = (line: Line) => columns.map((column) => line[column]);

const auditTable = (lines: Line[]) =>
  table(
    ["TIME", "ACTOR", "FROM", "ACT", "USER", "DETAIL"],
    lines.map((line) => cellsOf(line).slice(1)),
  );

/** The day begins where this machine is. */
function startOfDay(text: string): Date {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text)?.map(Number) ?? [];
  const date = new Date(year ?? Number.NaN, (month ?? 0) - 1, day);
  if (date.getDate() !== day || date.getMonth() + 1 !== month) {
    throw new InvalidArgumentError("It must be a day such as 2026-01-31.");
  }
  return date;
}

function endOfDay(text: string): Date {
  const date = startOfDay(text);
  date.setDate(date.getDate() + 1);
  return date;
}
