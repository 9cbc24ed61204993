import type { FastifyInstance } from "fastify";
import { html } from "hono/html";
import { z } from "zod";
import { linesAsCsv } from "../../admin/act-lines.js";
import { type ActSearch, findActs } from "../../admin/find-acts.js";
import { acts } from "../../audit/record-act.js";
import { boundsOfDay } from "../../clock.js";
import { actNames, actsTable } from "./acts-view.js";
import { type Html, page, type Visit } from "./layout.js";
import type { OperatorPageOptions } from "./options.js";
import { addressWith, dayShape, option, textShape } from "./search-form.js";
import { show, visitOf } from "./show.js";

const actsPerPage = 50;
const actsPerFile = 10_000;

/** What the form sends; what makes no sense counts as not given. */
const searchShape = z.object({
  user: z.uuid().optional().catch(undefined),
  actor: textShape,
  act: z.enum(acts).optional().catch(undefined),
  from: dayShape,
  to: dayShape,
  after: z.uuid().optional().catch(undefined),
});

type Wanted = z.infer<typeof searchShape>;

/** `/operator/acts`, the audit log, and the same as CSV. */
export function addActsPage(scope: FastifyInstance, { services: { em } }: OperatorPageOptions): void {
  scope.get("/acts", async (request, reply) => {
    const wanted = searchShape.parse(request.query);
    const { entries, next } = await findActs(em.fork(), searchOf(wanted, actsPerPage));
    const visit = visitOf(request);
    const { t } = visit;
    const content = html`${searchForm(visit, wanted)}
      ${actsTable(visit, entries)}
      <p class="row">
        ${next && html`<a href="${addressWith("acts", { ...wanted, after: next })}">${t("更早的", "Earlier")}</a>`}
        <a href="${addressWith("acts.csv", wanted)}">${t("下载 CSV", "Download as CSV")}</a>
      </p>`;
    return show(reply, 200, page(visit, t("审计日志", "Audit log"), content));
  });

  scope.get("/acts.csv", async (request, reply) => {
    const { entries } = await findActs(em.fork(), searchOf(searchShape.parse(request.query), actsPerFile));
    return reply
      .header("content-disposition", 'attachment; filename="wxpass-audit.csv"')
      .type("text/csv; charset=utf-8")
      .send(`\ufeff${linesAsCsv(entries)}`);
  });
}

function searchOf({ user, actor, act, from, to, after }: Wanted, limit: number): ActSearch {
  const [first, last] = [from, to].map((day) => day && boundsOfDay(day));
  return {
    limit,
    ...(user && { user }),
    ...(actor && { actor }),
    ...(act && { act }),
    ...(first && { from: first.start }),
    ...(last && { to: last.end }),
    ...(after && { after }),
  };
}

const searchForm = ({ t, language }: Visit, { user, actor, act, from, to }: Wanted): Html => html`
  <form class="row" method="get" action="acts">
    <label>${t("操作人", "Who")}<input name="actor" value="${actor}"></label>
    <label>${t("操作", "What")}<select name="act">
      ${option("", t("全部", "all"), act ?? "")}
      ${acts.map((name) => option(name, actNames[name][language], act ?? ""))}
    </select></label>
    <label>${t("用户 ID", "User's id")}<input name="user" value="${user}"></label>
    <label>${t("从", "From")}<input type="date" name="from" value="${from}"></label>
    <label>${t("到", "To")}<input type="date" name="to" value="${to}"></label>
    <button class="main">${t("筛选", "Filter")}</button>
  </form>`;
