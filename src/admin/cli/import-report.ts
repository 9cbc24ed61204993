import { closeSync, writeSync } from "node:fs";
import type { Outcome } from "../import/plan.js";
import type { Problem } from "../import/row-reader.js";
import { createFile, refuseExisting } from "../new-file.js";
import { printable } from "../printable.js";
import { table } from "./print.js";
import type { Terminal } from "./terminal.js";

/** Tells the operator how an import goes. It names lines and fields, and nothing that the file says about people. */
export interface Report {
  /** Takes in what became of some more rows. */
  add(rows: number, outcome: Outcome): void;
  /** Prints the sums, if there is something to sum up. */
  finish(unusedColumns: readonly string[]): void;
}

interface ReportOptions {
  terminal: Terminal;
  dryRun: boolean;
  /** Where to write every problem. */
  problemFile: string | undefined;
}

type Sums = Record<"imported" | "joined" | "alreadyThere" | "filled" | "skipped", number>;

/** How many problems are printed. */
const maxPrinted = 20;

/** Between two notes on the progress, where somebody is watching. */
const progressIntervalMs = 100;

/** Between two notes on the progress elsewhere. */
const progressRows = 10_000;

/** Characters of a column's name that are printed. */
const maxNameCharacters = 60;

/**
 * Starts a report.
 * @throws AdminError if the file for the problems is there already; from the first rows on also if it can't be written
 */
export function createReport({ terminal, dryRun, problemFile }: ReportOptions): Report {
  const sums: Sums = { imported: 0, joined: 0, alreadyThere: 0, filled: 0, skipped: 0 };
  const problems = createProblemLog(terminal, problemFile);
  const showProgress = createProgress(terminal);
  let rows = 0;

  return {
    add(more, outcome) {
      rows += more;
      for (const key of ["imported", "joined", "alreadyThere", "filled"] as const) sums[key] += outcome[key];
      sums.skipped += outcome.problems.filter(({ field }) => field === undefined).length;
      problems.add(outcome.problems);
      showProgress(rows);
    },

    finish(unusedColumns) {
      problems.close();
      if (rows === 0) return;
      if (dryRun) terminal.print("Nothing was written. This is what would happen:\n\n");
      terminal.print(sumTable(sums) + reasonTable(problems.reasons));
      const names = unusedColumns.map((name) => printable(name.slice(0, maxNameCharacters)));
      if (names.length > 0) terminal.print(`\nColumns that were not used: ${names.join(", ")}\n`);
    },
  };
}

/** Prints the first problems, writes all of them to the file if there is one, and counts them by reason. */
function createProblemLog(terminal: Terminal, problemFile: string | undefined) {
  if (problemFile !== undefined) refuseExisting(problemFile);
  const reasons = new Map<string, number>();
  let file: number | undefined;
  let printed = 0;

  function openFile(): number | undefined {
    if (problemFile === undefined) return undefined;
    const opened = createFile(problemFile);
    writeSync(opened, "line,field,reason\n");
    return opened;
  }

  function print(text: string): void {
    if (printed++ < maxPrinted) terminal.printError(text);
    if (printed === maxPrinted + 1) terminal.printError("More lines have problems; --skipped FILE lists them all.\n");
  }

  function note({ line, field, reason, isEmptyWord }: Problem): void {
    const what = field === undefined ? `skipped: ${reason}` : `${field} left out: ${reason}`;
    reasons.set(what, (reasons.get(what) ?? 0) + 1);
    if (!isEmptyWord) print(`Line ${line} ${what}\n`);
    if (file !== undefined) writeSync(file, `${line},${field ?? ""},"${reason}"\n`);
  }

  return {
    reasons,
    add(problems: readonly Problem[]) {
      file ??= openFile();
      for (const problem of problems.toSorted((a, b) => a.line - b.line)) note(problem);
    },
    close() {
      if (file !== undefined) closeSync(file);
    },
  };
}

/** Shows how many rows are done, from time to time. */
function createProgress(terminal: Terminal): (rows: number) => void {
  const began = terminal.now().getTime();
  let next = terminal.isWatched ? began + progressIntervalMs : progressRows;
  return (rows) => {
    const now = terminal.now().getTime();
    if ((terminal.isWatched ? now : rows) < next) return;
    next = terminal.isWatched ? now + progressIntervalMs : rows - (rows % progressRows) + progressRows;
    const rate = Math.round((rows * 1_000) / Math.max(now - began, 1));
    terminal.showProgress(`${rows} rows, ${rate} a second`);
  };
}

function sumTable({ imported, alreadyThere, joined, filled, skipped }: Sums): string {
  const rows: [number, string][] = [
    [imported, "imported"],
    [alreadyThere, "there already"],
    [joined, "given to the user who has the unionid"],
    [filled, "of a user who was there, whose empty fields were filled in"],
    [skipped, "skipped"],
  ];
  const telling = rows.filter(([count], index) => index < 2 || count > 0);
  return table(
    ["ROWS", "OUTCOME"],
    telling.map(([count, outcome]) => [String(count), outcome]),
  );
}

function reasonTable(reasons: ReadonlyMap<string, number>): string {
  if (reasons.size === 0) return "";
  const most = [...reasons].toSorted(([, a], [, b]) => b - a);
  const rows = most.map(([reason, count]) => [String(count), reason]);
  return `\n${table(["ROWS", "PROBLEM"], rows)}`;
}
