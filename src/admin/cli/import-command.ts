import { basename } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { loadAppIds } from "../../settings/config.js";
import { type ColumnMapping, createColumns } from "../import/columns.js";
import { importFields, isImportField } from "../import/fields.js";
import type { Format } from "../import/import-file.js";
import { readFile } from "../import/read-text.js";
import { createReport } from "./import-report.js";
import { withData } from "./open-data.js";
import type { Terminal } from "./terminal.js";

interface ImportCommandOptions {
  format?: Format;
  appId?: string | undefined;
  map?: ColumnMapping;
  offset: string;
  fill?: true;
  dryRun?: true;
  skipped?: string;
}

const details = `
Columns or keys: ${importFields.join(", ")}. Only openid is needed. Usual names such as open_id, sex, mobile and date_joined are known, and so are the lines of Django's dumpdata --format jsonl.

A value that breaks a rule is left out and its row imported all the same; a row without a usable openid is skipped. Users who are there keep everything they have, so the same file may be imported again, also after an interruption. Phone numbers count as verified: if yours are not, leave them out with --map phone=.`;

/** Adds the command that brings users from another server. */
export function addImportCommand(program: Command, terminal: Terminal): void {
  program
    .command("import")
    .argument("<file>", "CSV with a header, or one JSON object a line, in UTF-8; - reads the standard input")
    .description("import the users of another server by their openids")
    .addOption(
      new Option("--format <format>", "how the file is written, if its name doesn't tell").choices(["csv", "jsonl"]),
    )
    .option("--app-id <id>", "the app of rows that name none; not needed if there is only one in WECHAT_APPS", appId)
    .option("--map <theirs=ours>", "which column is which; empty after = to leave it out; may be repeated", mapping)
    .option("--offset <offset>", "the offset of times that have none", offset, "+08:00")
    .option("--fill", "also fill in what users who are there have left empty")
    .option("--dry-run", "say what would happen, and write nothing")
    .option("--skipped <file>", "write the lines with problems to this file; must not exist")
    .addHelpText("after", details)
    .action((file: string, options: ImportCommandOptions, command: Command) => {
      const format = options.format ?? formatOf(file) ?? command.error(unknownFormat);
      const appIds = loadAppIds(terminal.env);
      if (options.appId && appIds.length > 0 && !appIds.includes(options.appId)) {
        command.error(`error: --app-id is none of the apps that the server knows: ${appIds.join(", ")}`);
      }
      const appId = options.appId ?? (appIds.length === 1 ? appIds[0] : undefined);
      const bytes = file === "-" ? bytesOf(terminal.input) : readFile(file);
      const name = file === "-" ? "standard input" : basename(file);
      return runImport(terminal, { ...options, name, bytes, format, appId, appIds });
    });
}

const unknownFormat = "error: the file's name doesn't tell how it is written; add --format csv or --format jsonl";

/** The format that a file's name tells. */
function formatOf(file: string): Format | undefined {
  const [, extension = ""] = /\.(\w+)$/.exec(file.toLowerCase()) ?? [];
  if (["csv", "tsv"].includes(extension)) return "csv";
  return ["jsonl", "ndjson"].includes(extension) ? "jsonl" : undefined;
}

async function* bytesOf(input: Terminal["input"]): AsyncGenerator<Uint8Array> {
  for await (const chunk of input) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
}

interface ImportTask extends ImportCommandOptions {
  name: string;
  bytes: AsyncIterable<Uint8Array>;
  format: Format;
  appId: string | undefined;
  appIds: readonly string[];
}

/** Imports and reports, also on what was done before a failure. */
function runImport(terminal: Terminal, task: ImportTask): Promise<void> {
  const { name, map, skipped, bytes, format, appId, appIds, offset, fill = false, dryRun = false } = task;
  return withData(terminal, async ({ em, now, by }) => {
    const columns = createColumns(map ?? new Map());
    const rules = { appId, appIds, now: now(), offset };
    const report = createReport({ terminal, dryRun, problemFile: skipped });
    // What reads and checks files is only loaded by who imports one.
    const { importFile } = await import("../import/import-file.js");
    let isEmpty = true;
    try {
      const recording = { em, now, by, name };
      for await (const { rows, outcome } of importFile({ ...recording, bytes, format, columns, rules, fill, dryRun })) {
        report.add(rows, outcome);
        isEmpty = false;
      }
    } finally {
      report.finish(columns.unused());
    }
    if (isEmpty) terminal.print("The file has no rows.\n");
  });
}

function appId(text: string): string {
  if (!/^\w{1,64}$/.test(text)) throw new InvalidArgumentError("This is no AppID; they look like wx0123456789abcdef.");
  return text;
}

function mapping(text: string, map?: ColumnMapping): ColumnMapping {
  const [, theirs = "", ours = ""] = /^(.+)=(.*)$/.exec(text) ?? [];
  if (theirs === "" || (ours !== "" && !isImportField(ours))) {
    throw new InvalidArgumentError(`Write NAME=FIELD, with one of ${importFields.join(", ")}, or NAME=.`);
  }
  return new Map(map).set(theirs, isImportField(ours) ? ours : undefined);
}

function offset(text: string): string {
  if (!/^[+-]\d{2}:\d{2}$/.test(text)) throw new InvalidArgumentError("Write it like +08:00.");
  return text;
}
