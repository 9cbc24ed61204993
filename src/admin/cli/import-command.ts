import { basename } from "node:path";
import { type Command, Option } from "commander";
import type { Text, Translate } from "../../errors.js";
import { loadAppIds } from "../../settings/config.js";
import { type ColumnMapping, createColumns } from "../import/columns.js";
import { importFields, isImportField } from "../import/fields.js";
import type { Format } from "../import/import-file.js";
import { readFile } from "../import/read-text.js";
import { createReport } from "./import-report.js";
import { withData } from "./open-data.js";
import type { Terminal } from "./terminal.js";
import { createValues } from "./values.js";

interface ImportCommandOptions {
  format?: Format;
  appId?: string | undefined;
  map?: ColumnMapping;
  offset: string;
  fill?: true;
  dryRun?: true;
  quiet?: true;
  skipped?: string;
}

const detailsOf = (t: Translate) =>
  t(
    `
列名或键：${importFields.join("、")}。只有 openid 是必需的。常见的名字如 open_id、sex、mobile、date_joined 都认得，Django 的 dumpdata --format jsonl 也可以直接读。

不合规则的值会留空，这一行照常导入；没有可用 openid 的行会跳过。已有的用户保留原有的数据，所以同一个文件可以反复导入，中断之后也可以。手机号视为已验证：如果不是，请用 --map phone= 略去。`,
    `
Columns or keys: ${importFields.join(", ")}. Only openid is needed. Usual names such as open_id, sex, mobile and date_joined are known, and so are the lines of Django's dumpdata --format jsonl.

A value that breaks a rule is left out and its row imported all the same; a row without a usable openid is skipped. Users who are there keep everything they have, so the same file may be imported again, also after an interruption. Phone numbers count as verified: if yours are not, leave them out with --map phone=.`,
  );

/** Adds the command that brings users from another server. */
export function addImportCommand(program: Command, terminal: Terminal): void {
  const { t } = terminal;
  const command = program
    .command("import")
    .argument(
      t("<文件>", "<file>"),
      t(
        "带表头的 CSV，或每行一个 JSON 对象，UTF-8 编码；- 表示标准输入",
        "CSV with a header, or one JSON object a line, in UTF-8; - reads the standard input",
      ),
    )
    .description(t("按 openid 导入其他服务的用户", "import the users of another server by their openids"))
    .addHelpText("after", detailsOf(t));
  addImportOptions(command, terminal);
  command.action((file: string, options: ImportCommandOptions) => {
    const format = options.format ?? formatOf(file) ?? command.error(t(...unknownFormat));
    const appIds = loadAppIds(terminal.env);
    if (options.appId && appIds.length > 0 && !appIds.includes(options.appId)) {
      const ids = appIds.join(", ");
      command.error(
        t(
          `错误：--app-id 不是服务器配置的小程序，可选：${ids}`,
          `error: --app-id is none of the apps that the server knows: ${ids}`,
        ),
      );
    }
    const appId = options.appId ?? (appIds.length === 1 ? appIds[0] : undefined);
    const bytes = file === "-" ? bytesOf(terminal.input) : readFile(file);
    const name = file === "-" ? "standard input" : basename(file);
    return runImport(terminal, { ...options, name, bytes, format, appId, appIds });
  });
}

function addImportOptions(command: Command, terminal: Terminal): void {
  const { t } = terminal;
  const format = new Option(
    t("--format <格式>", "--format <format>"),
    t("文件格式，从文件名看不出来时需要", "how the file is written, if its name doesn't tell"),
  );
  command
    .addOption(format.choices(["csv", "jsonl"]))
    .option(
      "--app-id <id>",
      t(
        "没有写明小程序的行属于哪个小程序；WECHAT_APPS 只有一个时不需要",
        "the app of rows that name none; not needed if there is only one in WECHAT_APPS",
      ),
      appId(terminal),
    )
    .option(
      t("--map <列名=字段>", "--map <theirs=ours>"),
      t(
        "某一列是哪个字段；等号后面留空表示不要这一列；可以写多次",
        "which column is which; empty after = to leave it out; may be repeated",
      ),
      mapping(terminal),
    )
    .option(
      t("--offset <时差>", "--offset <offset>"),
      t("没有写时差的时间按它计算", "the offset of times that have none"),
      offset(terminal),
      "+08:00",
    )
    .option("--fill", t("已有的用户，空着的字段也补上", "also fill in what users who are there have left empty"))
    .option("--quiet", t("不发送回调", "tell nobody by webhook"))
    .option("--dry-run", t("只说明会发生什么，不写入", "say what would happen, and write nothing"))
    .option(
      t("--skipped <文件>", "--skipped <file>"),
      t("把有问题的行写进这个文件，不能是已有的文件", "write the lines with problems to this file; must not exist"),
    );
}

const unknownFormat = [
  "错误：从文件名看不出格式，请加上 --format csv 或 --format jsonl",
  "error: the file's name doesn't tell how it is written; add --format csv or --format jsonl",
] as const;

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
  const { name, bytes, format, appId, appIds, offset, fill = false, dryRun = false, quiet = false } = task;
  return withData(terminal, async ({ em, now, by, refuseForeign }) => {
    await refuseForeign();
    const columns = createColumns(task.map ?? new Map());
    const rules = { appId, appIds, now: now(), offset };
    const report = createReport({ terminal, dryRun, problemFile: task.skipped });
    // What reads and checks files is only loaded by who imports one.
    const { importFile } = await import("../import/import-file.js");
    let isEmpty = true;
    try {
      const recording = { em, now, by, name };
      for await (const { rows, outcome } of importFile({
        ...recording,
        bytes,
        format,
        columns,
        rules,
        fill,
        dryRun,
        quiet,
      })) {
        report.add(rows, outcome);
        isEmpty = false;
      }
    } finally {
      report.finish(columns.unused());
    }
    if (isEmpty) terminal.print(terminal.t("文件里没有数据行。\n", "The file has no rows.\n"));
  });
}

const noAppId: Text = {
  zh: "这不是 AppID，AppID 形如 wx0123456789abcdef。",
  en: "This is no AppID; they look like wx0123456789abcdef.",
};

const appId = (terminal: Terminal) => (text: string) =>
  /^\w{1,64}$/.test(text) ? text : createValues(terminal).refuse(noAppId);

const noMapping: Text = {
  zh: `请写成“列名=字段”，字段可选 ${importFields.join("、")}，或者“列名=”。`,
  en: `Write NAME=FIELD, with one of ${importFields.join(", ")}, or NAME=.`,
};

const mapping = (terminal: Terminal) => (text: string, map?: ColumnMapping) => {
  const [, theirs = "", ours = ""] = /^(.+)=(.*)$/.exec(text) ?? [];
  if (theirs === "" || (ours !== "" && !isImportField(ours))) createValues(terminal).refuse(noMapping);
  return new Map(map).set(theirs, isImportField(ours) ? ours : undefined);
};

const noOffset: Text = { zh: "请写成 +08:00 的样子。", en: "Write it like +08:00." };

const offset = (terminal: Terminal) => (text: string) =>
  /^[+-]\d{2}:\d{2}$/.test(text) ? text : createValues(terminal).refuse(noOffset);
