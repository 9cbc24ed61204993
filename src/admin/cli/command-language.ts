import { type Argument, type Command, Help, type Option } from "commander";
import { displayWidth, wrap } from "./display-width.js";
import type { Terminal } from "./terminal.js";

/** What commander itself says, in its own English and in Chinese. */
const titles: Record<string, string> = {
  "Usage:": "用法：",
  "Arguments:": "参数：",
  "Options:": "选项：",
  "Commands:": "命令：",
};

const errors: [RegExp, string][] = [
  [/^error: unknown option '(.+?)'/, "错误：没有选项 $1"],
  [/^error: unknown command '(.+?)'/, "错误：没有命令 $1"],
  [/^error: missing required argument '(.+?)'/, "错误：缺少参数 $1"],
  [/^error: option '(.+?)' argument missing/, "错误：选项 $1 后面缺少值"],
  [/^error: option '(.+?)' argument '(.*)' is invalid\. /s, "错误：选项 $1 的值 $2 无效。"],
  [/^error: command-argument value '(.*)' is invalid for argument '(.+?)'\. /s, "错误：参数 $2 的值 $1 无效。"],
  [/^error: option '(.+?)' cannot be used with option '(.+?)'/, "错误：选项 $1 和 $2 不能同时使用"],
  [/^error: too many arguments.* Expected (\d+) .* got (\d+)\./, "错误：参数太多，最多 $1 个，给了 $2 个"],
  [/Allowed choices are (.+)\.$/m, "可选：$1。"],
  [/\(Did you mean (?:one of )?(.+)\?\)/, "（是不是 $1？）"],
];

const inChinese = (error: string) => errors.reduce((text, [english, chinese]) => text.replace(english, chinese), error);

const placeholders = (text: string) => text.replace("[options]", "[选项]").replace("[command]", "[命令]");

const extras = (description: string) =>
  description.replace(
    / \((?=choices: |default: )(.*)\)$/,
    (_, said: string) =>
      `（${said.replace("choices: ", "可选：").replace(/(?:, )?default: /, (at) => `${at.startsWith(",") ? "；" : ""}默认：`)}）`,
  );

/** Help in Chinese: its words come from the commands, its frame from here. */
const chineseHelp = {
  boxWrap: wrap,
  styleTitle: (title: string) => titles[title] ?? title,
  commandUsage: (command: Command) => placeholders(new Help().commandUsage(command)),
  subcommandTerm: (command: Command) => placeholders(new Help().subcommandTerm(command)),
  optionDescription: (option: Option) => extras(new Help().optionDescription(option)),
  argumentDescription: (argument: Argument) => extras(new Help().argumentDescription(argument)),
};

/** Has a program, and the commands that are added after this, speak the operator's language and write to the terminal. */
export function speakTo({ language, t, print, printError }: Terminal, program: Command): Command {
  return program
    .helpOption("-h, --help", t("显示帮助", "display help for command"))
    .helpCommand(t("help [命令]", "help [command]"), t("显示某个命令的帮助", "display help for command"))
    .configureHelp({ displayWidth, ...(language === "zh" && chineseHelp) })
    .configureOutput({
      writeOut: print,
      writeErr: printError,
      outputError: (error, write) => write(language === "zh" ? inChinese(error) : error),
    });
}
