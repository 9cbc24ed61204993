import { type Command, Option } from "commander";
import { type EventState, eventStates, type OutboxEvent } from "../../database/outbox.js";
import type { Text, Translate } from "../../errors.js";
import { AdminError } from "../admin-error.js";
import { eventLineOf, findEvents } from "../find-events.js";
import { type ReplayFault, replayEvent } from "../replay-event.js";
import { withData } from "./open-data.js";
import { asJson, table } from "./print.js";
import type { Terminal } from "./terminal.js";
import { createValues } from "./values.js";

interface WebhooksOptions {
  state?: EventState;
  limit: number;
  replay?: string;
  json?: true;
}

const faults: Record<ReplayFault, Text> = {
  unknown: { zh: "没有这个 ID 的事件，可能已超过一周。", en: "No event has this id; they are kept for a week." },
  off: {
    zh: "现在不发送回调：服务器没有设置 WEBHOOK_URL，或者接收方回了 410。",
    en: "Nothing is told: no server has a WEBHOOK_URL, or the receiver has answered 410.",
  },
};

/** Adds the command that shows what webhooks told. */
export function addWebhooksCommand(program: Command, terminal: Terminal): void {
  const { t, print } = terminal;
  const states = new Option(t("--state <状态>", "--state <state>"), t("只看这一种状态", "in this state"));
  program
    .command("webhooks")
    .description(
      t(
        "列出回调的事件和最近一次的应答，新的在前",
        "list the events of webhooks and the last answers, the newest first",
      ),
    )
    .addOption(states.choices(eventStates))
    .option(
      t("--limit <数量>", "--limit <count>"),
      t("最多列出多少条", "how many at most"),
      createValues(terminal).count,
      20,
    )
    .option("--replay <id>", t("再发一次这个事件，ID 不变", "tell this event again, with the same id"))
    .option("--json", t("输出 JSON", "print JSON"))
    .action(({ replay, json, ...search }: WebhooksOptions) =>
      withData(terminal, async (data) => {
        if (replay !== undefined) {
          const fault = await replayEvent(data, replay);
          if (fault) throw new AdminError(faults[fault]);
          return print(t("马上再发一次。\n", "It is told again in a moment.\n"));
        }
        const events = await findEvents(data.em, search);
        print(json ? asJson({ events: events.map(eventLineOf) }) : eventTable(t, events));
      }),
    );
}

const eventTable = (t: Translate, events: OutboxEvent[]) =>
  table(
    [
      t("时间", "TIME"),
      t("事件", "TYPE"),
      t("状态", "STATE"),
      t("次数", "TRIES"),
      t("应答", "ANSWER"),
      t("用户", "USER"),
      "ID",
    ],
    events.map(({ occurredAt, type, state, tries, lastAnswer, userId, id }) => [
      occurredAt.toISOString(),
      type,
      state,
      String(tries),
      lastAnswer,
      userId,
      id,
    ]),
  );
