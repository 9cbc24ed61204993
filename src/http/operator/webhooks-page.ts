import type { FastifyInstance } from "fastify";
import { html } from "hono/html";
import { z } from "zod";
import { findEvents } from "../../admin/find-events.js";
import { replayEvent } from "../../admin/replay-event.js";
import { type EventState, eventStates, type OutboxEvent } from "../../database/outbox.js";
import type { Text } from "../../errors.js";
import { type Html, notice, page, timeText, type Visit } from "./layout.js";
import type { OperatorPageOptions } from "./options.js";
import { shortIdOf } from "./person-acts.js";
import { actorOf } from "./person-page.js";
import { option } from "./search-form.js";
import { show, visitOf } from "./show.js";

const eventsShown = 100;

const queryShape = z.object({
  state: z.enum(eventStates).optional().catch(undefined),
  done: z.enum(["again", "unknown", "off"]).optional().catch(undefined),
});

const told: Record<"again" | "unknown" | "off", Text> = {
  again: { zh: "马上再发一次", en: "It is told again in a moment" },
  unknown: { zh: "没有这个事件", en: "There is no such event" },
  off: { zh: "现在不发送回调：接收方回了 410", en: "Nothing is told: the receiver has answered 410" },
};

const stateNames: Record<EventState, Text> = {
  pending: { zh: "待送达", en: "pending" },
  delivered: { zh: "已送达", en: "delivered" },
  failed: { zh: "已放弃", en: "failed" },
};

/** `/operator/webhooks`, the latest events and what became of them. */
export function addWebhooksPage(scope: FastifyInstance, { services }: OperatorPageOptions): void {
  scope.get("/webhooks", async (request, reply) => {
    const { state, done } = queryShape.parse(request.query);
    const events = await findEvents(services.em.fork(), { limit: eventsShown, ...(state && { state }) });
    const visit = visitOf(request);
    const { t, language } = visit;
    const content = html`${notice(done && told[done][language], done === "again" ? "good" : "bad")}
      ${filter(visit, state)}${eventTable(visit, events)}`;
    return show(reply, 200, page(visit, t("回调", "Webhooks"), content));
  });

  scope.post("/webhooks/replay", async (request, reply) => {
    const { id } = z
      .object({ id: z.string().max(100).default("") })
      .catch({ id: "" })
      .parse(request.body);
    const fault = await replayEvent({ ...services, by: actorOf(request) }, id);
    return reply.redirect(`../webhooks?done=${fault ?? "again"}`, 303);
  });
}

const filter = ({ t, language }: Visit, chosen: EventState | undefined): Html => html`
  <form class="row" method="get" action="webhooks">
    <label>${t("状态", "State")}<select name="state">
      ${option("", t("全部", "all"), chosen ?? "")}
      ${eventStates.map((state) => option(state, stateNames[state][language], chosen ?? ""))}
    </select></label>
    <button class="main">${t("筛选", "Filter")}</button>
  </form>`;

function eventTable({ t, language, root }: Visit, events: readonly OutboxEvent[]): Html {
  if (events.length === 0) return html`<p class="quiet">${t("没有记录。", "There is nothing.")}</p>`;
  const head = [
    t("时间", "Time"),
    t("事件", "Event"),
    t("用户", "On whom"),
    t("状态", "State"),
    t("次数", "Tries"),
    t("最近的应答", "Last answer"),
  ];
  return html`<table>
    <thead><tr>${head.map((name) => html`<th>${name}</th>`)}<th></th></tr></thead>
    <tbody>${events.map(
      ({ id, occurredAt, type, userId, state, tries, lastAnswer }) => html`<tr>
        <td>${timeText(occurredAt)}</td>
        <td>${type}</td>
        <td><a href="${root}people/${userId}/"><code>${shortIdOf(userId)}</code></a></td>
        <td class="${state === "failed" ? "bad" : ""}">${stateNames[state][language]}</td>
        <td data-name="${head[4]}">${tries}</td>
        <td data-name="${head[5]}">${lastAnswer ?? "–"}</td>
        <td><form method="post" action="webhooks/replay">
          <input type="hidden" name="id" value="${id}"><button>${t("再发一次", "Replay")}</button>
        </form></td>
      </tr>`,
    )}</tbody>
  </table>`;
}
