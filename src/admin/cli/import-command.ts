import { type Command, InvalidArgumentError, Option } from "commander";
import { loadAppIds } from "../../settings/config.js";
import { createColumns, type ImportField, importFields, isImportField } from "../import/columns.js";
import { type Format, formatOf } from "../import/format.js";
import { createReport } from "../import/report.js";
import { withData } from "./open-data.js";
import type { Terminal } from "./terminal.js";

interface ImportCommandOptions {
  format?: Format;
  appId?: string;
  map?: Map<string, ImportField | undefined>;
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
    .action(async (file: string, options: ImportCommandOptions, command: Command) => {
      const format = options.format ?? formatOf(file);
      if (!format)
        command.error("error: the file's name doesn't tell how it is written; add --format csv or --format jsonl");
      const appIds = loadAppIds(terminal.env);
      if (options.appId && appIds.length > 0 && !appIds.includes(options.appId)) {
        command.error(`error: --app-id is none of the apps that the server knows: ${appIds.join(", ")}`);
      }
      const appId = options.appId ?? (appIds.length === 1 ? appIds[0] : undefined);
      await withData(terminal, async ({ em }) => {
        const { map, offset, fill = false, dryRun = false, skipped } = options;
        const columns = createColumns(map ?? new Map());
        const report = createReport({ terminal, dryRun, problemFile: skipped });
        const rules = { appId, appIds, now: terminal.now(), offset };
        // What reads and checks files is only loaded by who imports one.
        const { importFile } = await import("../import/import-file.js");
        try {
          await importFile({ em, terminal, report }, { file, format, columns, rules, fill, dryRun });
        } finally {
          report.finish(columns.unused());
        }
      });
    });
}

function appId(text: string): string {
  if (!/^\w{1,64}$/.test(text)) throw new InvalidArgumentError("This is no AppID; they look like wx0123456789abcdef.");
  return text;
}

function mapping(text: string, map?: Map<string, ImportField | undefined>): Map<string, ImportField | undefined> {
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
