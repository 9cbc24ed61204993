import type { Command } from "commander";
import { tablesWith } from "../../entities.js";
import type { Language, Text } from "../../errors.js";
import { type Config, loadConfigToExamine } from "../../settings/config.js";
import { ConfigError } from "../../settings/config-error.js";
import { version } from "../../version.js";
import { AdminError } from "../admin-error.js";
import { checks, type Examination, examine } from "../doctor/examine.js";
import { fault, type State } from "../doctor/finding.js";
import { printable } from "../printable.js";
import { asJson } from "./print.js";
import type { Terminal } from "./terminal.js";

const details: Text = {
  zh: "\n按服务器自己的配置逐项检查，不留下任何改动：为了确认头像能被公开读取而存入的文件会马上删除。请在服务运行时，以运行服务的用户执行。有误时退出码为 1，只有注意事项时为 0。",
  en: "\nIt tries the server's own settings and changes nothing that lasts: a file that it stores to see whether people can read it is deleted again. Run it as the user who runs the server, while the server runs. What it finds wrong makes the exit code 1; warnings don't.",
};

/** Adds the command that tries, before a launch, whether the world agrees with the settings. */
export function addDoctorCommand(program: Command, terminal: Terminal): void {
  const { t, language } = terminal;
  program
    .command("doctor")
    .description(
      t(
        "上线前检查：微信、证书、地址、存储、数据库、磁盘、时钟",
        "try everything that a launch needs: WeChat, certificate, address, storage, database, disk, clock",
      ),
    )
    .option("--json", t("输出 JSON", "print JSON"))
    .addHelpText("after", details[language])
    .action(async ({ json }: { json?: true }) => {
      const found: Examination[] = [];
      for await (const examination of examineServer(terminal)) {
        found.push(examination);
        if (!json) terminal.print(linesOf(examination, terminal.language));
      }
      if (json) terminal.print(asJson(reportOf(found, terminal.language)));
      conclude(countOf(found, "fault"), countOf(found, "warning"), json ? { ...terminal, print: () => {} } : terminal);
    });
}

async function* examineServer({ env, fetch, now, own }: Terminal): AsyncGenerator<Examination> {
  const config = load(env, own);
  if (Array.isArray(config)) {
    const findings = config.map((text) => fault({ zh: text, en: text }, mendSettings));
    return yield { name: "settings", title: checks.settings.title, findings };
  }
  yield* examine(config, { fetch, now, tables: tablesWith(own) });
}

/** The settings, or what is wrong with them. */
function load(env: Terminal["env"], own: Terminal["own"]): Config | string[] {
  try {
    return loadConfigToExamine(env, own);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
}

const mendSettings = {
  zh: "改好再运行一次：配置有误时服务不能启动，其他项目也无从检查",
  en: "Mend it and run this again: no server starts with it, and nothing else can be tried",
};

const stateWords: Record<State, Record<Language, string>> = {
  ok: { zh: "正常", en: "ok" },
  warning: { zh: "注意", en: "WARNING" },
  fault: { zh: "有误", en: "WRONG" },
  skipped: { zh: "未查", en: "skipped" },
};

/** How wide the columns are. In Chinese both words have two characters. */
const widths: Record<Language, [state: number, title: number]> = { zh: [0, 3], en: [7, 11] };

function linesOf({ title, findings }: Examination, language: Language): string {
  const [stateWidth, titleWidth] = widths[language];
  return findings
    .map(({ state, what, advice }) => {
      const head = `${stateWords[state][language].padEnd(stateWidth)}  ${title[language].padEnd(titleWidth, language === "zh" ? "\u3000" : " ")}`;
      const more = advice ? `\n         → ${printable(advice[language])}` : "";
      return `${head}  ${printable(what[language])}${more}\n`;
    })
    .join("");
}

const reportOf = (found: Examination[], language: Language) => ({
  version,
  isGood: countOf(found, "fault") === 0,
  findings: found.flatMap(({ name, findings }) =>
    findings.map(({ state, what, advice }) => ({
      check: name,
      state,
      what: what[language],
      advice: advice?.[language] ?? null,
    })),
  ),
});

const countOf = (found: Examination[], state: State) =>
  found.flatMap(({ findings }) => findings).filter((finding) => finding.state === state).length;

/** @throws AdminError if something is wrong */
function conclude(faults: number, warnings: number, { language, print }: Pick<Terminal, "language" | "print">): void {
  const counts = { zh: `有误 ${faults} 项，注意 ${warnings} 项`, en: `Wrong: ${faults}. Warnings: ${warnings}.` };
  if (faults > 0) throw new AdminError(counts);
  print(`\n${counts[language]}\n`);
}
