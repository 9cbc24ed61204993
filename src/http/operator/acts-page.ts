import { Readable } from "node:stream";
import type { SqlEntityManager } from "@mikro-orm/sql";
import type { FastifyInstance } from "fastify";
import { html } from "hono/html";
import { z } from "zod";
import { csvHead, linesAsCsv } from "../../admin/act-lines.js";
import { AdminError } from "../../admin/admin-error.js";
import { type ActSearch, findActs } from "../../admin/find-acts.js";
import { findUserId } from "../../admin/find-user-id.js";
import { acts } from "../../audit/record-act.js";
import { boundsOfDay } from "../../clock.js";
import { actNames, actsTable } from "./acts-view.js";
import { type Html, notice, page, type Visit } from "./layout.js";
import type { OperatorPageOptions } from "./options.js";
import { addressWith, dayShape, option, textShape } from "./search-form.js";
import { show, visitOf } from "./show.js";

const actsPerPage = 50;

/** Lines that a file is written from at a time. */
const actsAtOnce = 1_000;

/** What the form sends; what makes no sense counts as not given. */
const searchShape = z.object({
  user: textShape,
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
    const visit = visitOf(request);
    const wanted = searchShape.parse(request.query);
    const search = await searchOf(em.fork(), wanted);
    const fault = search instanceof AdminError ? search.text[visit.language] : undefined;
    const found = search instanceof AdminError ? noActs : await findActs(em.fork(), { ...search, limit: actsPerPage });
    const content = html`${searchForm(visit, wanted)}${notice(fault, "bad")}
      ${actsTable(visit, found.entries)}${further(visit, wanted, found.next)}`;
    return show(reply, 200, page(visit, visit.t("审计日志", "Audit log"), content));
  });

  scope.get("/acts.csv", async (request, reply) => {
    const search = await searchOf(em.fork(), searchShape.parse(request.query));
    return reply
      .header("content-disposition", 'attachment; filename="wxpass-audit.csv"')
      .type("text/csv; charset=utf-8")
      .send(Readable.from(search instanceof AdminError ? [csvHead] : csvOf(em, search)));
  });
}

const noActs = { entries: [], next: null };

const further = ({ t }: Visit, wanted: Wanted, next: string | null): Html => html`<p class="row">
  ${next && html`<a href="${addressWith("acts", { ...wanted, after: next })}">${t("更早的", "Earlier")}</a>`}
  <a href="${addressWith("acts.csv", wanted)}">${t("下载 CSV", "Download as CSV")}</a>
</p>`;

/** All lines that are wanted, as CSV; the mark at its beginning tells spreadsheets that it is UTF-8. */
async function* csvOf(em: SqlEntityManager, search: Omit<ActSearch, "limit">): AsyncGenerator<string> {
  yield `\ufeff${csvHead}`;
  for (let after = search.after; ; ) {
    const { entries, next } = await findActs(em.fork(), { ...search, limit: actsAtOnce, ...(after && { after }) });
    yield linesAsCsv(entries);
    if (next === null) return;
    after = next;
  }
}

/** What to look for; an error if the user's id, or the end of one, is nobody's or several people's. */
async function searchOf(
  em: SqlEntityManager,
  { user, actor, act, from, to, after }: Wanted,
): Promise<Omit<ActSearch, "limit"> | AdminError> {
  const [first, last] = [from, to].map((day) => day && boundsOfDay(day));
  const userId = user && (await findUserId(em, user).catch(asAdminError));
  if (userId instanceof AdminError) return userId;
  return {
    ...(userId && { user: userId }),
    ...(actor && { actor }),
    ...(act && { act }),
    ...(first && { from: first.start }),
    ...(last && { to: last.end }),
    ...(after && { after }),
  };
}

function asAdminError(error: unknown): AdminError {
  if (error instanceof AdminError) return error;
  throw error;
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
