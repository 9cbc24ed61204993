import type { SqlEntityManager } from "@mikro-orm/sql";
import { type Command, Option } from "commander";
import type { AuditEntry } from "../../audit/audit-entry.js";
import { acts } from "../../audit/record-act.js";
import { boundsOfDay } from "../../clock.js";
import type { Translate } from "../../errors.js";
import { csvHead, lineOf, linesAsCsv } from "../act-lines.js";
import { type ActSearch, findActs } from "../find-acts.js";
import { findUserId } from "../find-user-id.js";
import { withData } from "./open-data.js";
import { asJson, table, thereAreMore } from "./print.js";
import type { Terminal } from "./terminal.js";
import { createValues } from "./values.js";

interface AuditOptions extends Omit<ActSearch, "from" | "to"> {
  from?: string;
  to?: string;
  json?: true;
  csv?: true;
}

/** Adds the command that shows what was done, by whom. */
export function addAuditCommand(program: Command, terminal: Terminal): void {
  const { t, print, printError } = terminal;
  const { count, day, idOrEnd, uuid } = createValues(terminal);
  program
    .command("audit")
    .description(
      t(
        "查看审计日志：运维人员做了什么、微信让我们删除了什么，新的在前",
        "show what operators did, and what WeChat had us erase, the newest first",
      ),
    )
    .option(
      "--user <id>",
      t(
        "只看针对这个用户的；用户还在的话，可以只写 ID 的末几位",
        "on this user; of one who is there, the end of the id is enough",
      ),
      idOrEnd,
    )
    .option(
      t("--actor <名字>", "--actor <name>"),
      t("只看这个操作人的，微信写 WeChat", "by this operator, or by WeChat"),
    )
    .addOption(new Option(t("--act <操作>", "--act <act>"), t("只看这一种操作", "of this kind")).choices(acts))
    .option(
      t("--from <日期>", "--from <day>"),
      t("从这一天起（北京时间），如 2026-01-31", "since this day in China, such as 2026-01-31"),
      day,
    )
    .option(t("--to <日期>", "--to <day>"), t("到这一天为止，包括当天", "up to this day and with it"), day)
    .option(t("--limit <数量>", "--limit <count>"), t("最多列出多少条", "how many at most"), count, 20)
    .option(
      "--after <id>",
      t("翻页：从这条记录之后继续，即上一页的最后一条", "go on after this line, the last of the page before"),
      uuid,
    )
    .addOption(new Option("--json", t("输出 JSON", "print JSON")).conflicts("csv"))
    .option("--csv", t("输出 CSV", "print CSV"))
    .action(({ json, csv: asCsv, ...options }: AuditOptions) =>
      withData(terminal, async ({ em }) => {
        const { entries, next } = await findActs(em, await searchOf(em, options));
        if (json) return print(asJson({ acts: entries.map(lineOf), next }));
        print(asCsv ? `${csvHead}${linesAsCsv(entries)}` : auditTable(t, entries));
        if (next) (asCsv ? printError : print)(thereAreMore(t, next));
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

const auditTable = (t: Translate, entries: AuditEntry[]) =>
  table(
    [
      t("时间", "TIME"),
      t("操作人", "ACTOR"),
      t("来源", "FROM"),
      t("操作", "ACT"),
      t("用户", "USER"),
      t("说明", "DETAIL"),
    ],
    entries.map(({ actedAt, actor, origin, address, act, userId, detail }) => [
      actedAt.toISOString(),
      actor,
      address ?? origin,
      act,
      userId,
      detail,
    ]),
  );
