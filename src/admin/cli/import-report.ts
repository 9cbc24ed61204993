import { closeSync, writeSync } from "node:fs";
import type { Text, Translate } from "../../errors.js";
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
  finish(unusedColumns: readonly Text[]): void;
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
  const { language, t, print } = terminal;
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
      if (dryRun) {
        print(t("没有写入任何内容。结果会是：\n\n", "Nothing was written. This is what would happen:\n\n"));
      }
      print(sumTable(t, sums) + reasonTable(t, problems.reasons));
      const names = unusedColumns.map((name) => printable(name[language].slice(0, maxNameCharacters))).join(", ");
      if (names) print(t(`\n没有用到的列：${names}\n`, `\nColumns that were not used: ${names}\n`));
    },
  };
}

/** Prints the first problems, writes all of them to the file if there is one, and counts them by reason. */
function createProblemLog({ language, t, printError }: Terminal, problemFile: string | undefined) {
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
    if (printed++ < maxPrinted) printError(text);
    if (printed !== maxPrinted + 1) return;
    printError(
      t(
        "还有更多行有问题；加上 --skipped 文件 可以全部列出。\n",
        "More lines have problems; --skipped FILE lists them all.\n",
      ),
    );
  }

  function note({ line, field, reason, isEmptyWord }: Problem): void {
    const why = reason[language];
    const what =
      field === undefined
        ? t(`跳过：${why}`, `skipped: ${why}`)
        : t(`${field} 未导入：${why}`, `${field} left out: ${why}`);
    reasons.set(what, (reasons.get(what) ?? 0) + 1);
    if (!isEmptyWord) print(t(`第 ${line} 行 ${what}\n`, `Line ${line} ${what}\n`));
    if (file !== undefined) writeSync(file, `${line},${field ?? ""},"${why}"\n`);
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
    terminal.showProgress(terminal.t(`${rows} 行，每秒 ${rate} 行`, `${rows} rows, ${rate} a second`));
  };
}

function sumTable(t: Translate, { imported, alreadyThere, joined, filled, skipped }: Sums): string {
  const rows: [number, string][] = [
    [imported, t("导入", "imported")],
    [alreadyThere, t("已经存在", "there already")],
    [joined, t("并入 unionid 相同的用户", "given to the user who has the unionid")],
    [filled, t("补全了已有用户的空字段", "of a user who was there, whose empty fields were filled in")],
    [skipped, t("跳过", "skipped")],
  ];
  const telling = rows.filter(([count], index) => index < 2 || count > 0);
  return table(
    [t("行数", "ROWS"), t("结果", "OUTCOME")],
    telling.map(([count, outcome]) => [String(count), outcome]),
  );
}

function reasonTable(t: Translate, reasons: ReadonlyMap<string, number>): string {
  if (reasons.size === 0) return "";
  const most = [...reasons].toSorted(([, a], [, b]) => b - a);
  const rows = most.map(([reason, count]) => [String(count), reason]);
  return `\n${table([t("行数", "ROWS"), t("问题", "PROBLEM")], rows)}`;
}
