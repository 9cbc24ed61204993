import { closeSync, writeSync } from "node:fs";
import type { Problem } from "../import/person-of-row.js";
import type { Outcome } from "../import/plan.js";
import { createFile, refuseExisting } from "../new-file.js";
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

/**
 * Starts a report.
 * @throws AdminError if the file for the problems is there already; from the first rows on also if it can't be written
 */
export function createReport({ terminal, dryRun, problemFile }: ReportOptions): Report {
  if (problemFile !== undefined) refuseExisting(problemFile);
  let file: number | undefined;
  const sums: Sums = { imported: 0, joined: 0, alreadyThere: 0, filled: 0, skipped: 0 };
  const reasons = new Map<string, number>();
  const began = terminal.now().getTime();
  let rows = 0;
  let problems = 0;
  let nextProgress = terminal.isWatched ? began + progressIntervalMs : progressRows;

  function openFile(name: string): number {
    const opened = createFile(name);
    writeSync(opened, "line,field,reason\n");
    return opened;
  }

  function note({ line, field, reason }: Problem): void {
    if (field === undefined) sums.skipped++;
    const what = field === undefined ? `skipped: ${reason}` : `${field} left out: ${reason}`;
    reasons.set(what, (reasons.get(what) ?? 0) + 1);
    if (problems++ < maxPrinted) terminal.printError(`Line ${line} ${what}\n`);
    if (problems === maxPrinted + 1) terminal.printError("More lines have problems; --skipped FILE lists them all.\n");
    if (file !== undefined) writeSync(file, `${line},${field ?? ""},"${reason}"\n`);
  }

  function showProgress(): void {
    const now = terminal.now().getTime();
    const reached = terminal.isWatched ? now : rows;
    if (reached < nextProgress) return;
    nextProgress = terminal.isWatched ? now + progressIntervalMs : rows - (rows % progressRows) + progressRows;
    const rate = Math.round((rows * 1_000) / Math.max(now - began, 1));
    terminal.showProgress(`${rows} rows, ${rate} a second`);
  }

  return {
    add(more, outcome) {
      if (problemFile !== undefined) file ??= openFile(problemFile);
      rows += more;
      for (const key of ["imported", "joined", "alreadyThere", "filled"] as const) sums[key] += outcome[key];
      for (const problem of outcome.problems.toSorted((a, b) => a.line - b.line)) note(problem);
      showProgress();
    },

    finish(unusedColumns) {
      if (file !== undefined) closeSync(file);
      if (rows === 0) return;
      if (dryRun) terminal.print("Nothing was written. This is what would happen:\n\n");
      terminal.print(sumTable(sums));
      if (reasons.size > 0) terminal.print(`\n${reasonTable(reasons)}`);
      if (unusedColumns.length > 0) terminal.print(`\nColumns that were not used: ${unusedColumns.join(", ")}\n`);
    },
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

const reasonTable = (reasons: ReadonlyMap<string, number>) =>
  table(
    ["ROWS", "PROBLEM"],
    [...reasons].toSorted(([, a], [, b]) => b - a).map(([reason, count]) => [String(count), reason]),
  );
