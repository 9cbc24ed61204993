import type { FastifyInstance } from "fastify";
import { html } from "hono/html";
import { z } from "zod";
import { appsOfUsers } from "../../admin/apps-of-users.js";
import { findByText, findUsers } from "../../admin/find-users.js";
import { maskPhone } from "../../admin/mask.js";
import { countRows } from "../../database/row-counts.js";
import type { Translate } from "../../errors.js";
import type { User } from "../../user/user.js";
import { type Html, notice, page, timeText, type Visit } from "./layout.js";
import type { OperatorPageOptions } from "./options.js";
import { shortIdOf, toldOf } from "./person-acts.js";
import { avatar, status } from "./person-view.js";
import { addressWith, dayShape, option, textShape } from "./search-form.js";
import { show, visitOf } from "./show.js";

const peoplePerPage = 50;

/** What the form sends; what makes no sense counts as not given. */
const searchShape = z.object({
  q: textShape,
  status: z.enum(["active", "disabled"]).optional().catch(undefined),
  app: textShape,
  signedUp: dayShape,
  signedIn: dayShape,
  never: z.literal("on").optional().catch(undefined),
  after: z.uuid().optional().catch(undefined),
});

type Wanted = z.infer<typeof searchShape>;

/** `/operator/`, the people, the newest first. */
export function addPeoplePage(scope: FastifyInstance, { services, appIds }: OperatorPageOptions): void {
  const { em, avatarStore } = services;

  scope.get("/", { prefixTrailingSlash: "slash" }, async (request, reply) => {
    const wanted = searchShape.parse(request.query);
    const search = searchOf(wanted);
    const reading = em.fork();
    const { users, next } = await (wanted.q ? findByText(reading, wanted.q, search) : findUsers(reading, search));
    const apps = await appsOfUsers(em, users);
    const visit = visitOf(request);
    const { t, language } = visit;
    const rows = users.map((user) =>
      personRow(t, { user, avatarUrl: user.avatar && avatarStore.url(user.avatar), apps: apps.get(user.id) ?? [] }),
    );
    const count = Object.values(wanted).every((value) => value === undefined) && (await countRows(em.fork(), "users"));
    const more =
      next && html`<p><a href="${addressWith("./", { ...wanted, after: next })}">${t("更早的", "Earlier")}</a></p>`;
    const content = html`
      ${notice(toldOf(request.query)?.[language])}${searchForm(visit, wanted, appIds)}
      ${count !== false && html`<p class="quiet">${t(`共 ${count} 人`, `${count} altogether`)}</p>`}
      ${peopleTable(t, rows)}${more}`;
    return show(reply, 200, page(visit, t("用户", "People"), content));
  });
}

function searchOf({ status, app, signedUp, signedIn, never, after }: Wanted) {
  return {
    limit: peoplePerPage,
    ...(status && { disabled: status === "disabled" }),
    ...(app && { appId: app }),
    ...(signedUp && { signedUpOn: signedUp }),
    ...(signedIn && { lastSignInOn: signedIn }),
    ...(never && { lastSignInOn: null }),
    ...(after && { after }),
  };
}

const searchForm = ({ t }: Visit, { q, ...filters }: Wanted, appIds: readonly string[]): Html => {
  const { status: state = "", app = "", signedUp, signedIn, never } = filters;
  const isFiltered = Object.values({ ...filters, after: undefined }).some((value) => value !== undefined);
  const apps = html`<label>AppID<select name="app">
    ${option("", t("全部", "all"), app)}${appIds.map((appId) => option(appId, appId, app))}
  </select></label>`;
  return html`<form method="get" action="./">
    <div class="row">
      <label>${t("昵称、手机号、ID、openid 或邮箱", "Nickname, phone, ID, openid or e-mail")}
        <input type="search" name="q" value="${q}"></label>
      <button class="main">${t("查找", "Find")}</button>
    </div>
    <details ${isFiltered ? html`open` : ""}>
      <summary>${t("更多条件", "More filters")}</summary>
      <div class="row">
        <label>${t("状态", "Status")}<select name="status">
          ${option("", t("全部", "all"), state)}${option("active", t("正常", "active"), state)}
          ${option("disabled", t("已停用", "disabled"), state)}
        </select></label>
        ${appIds.length > 1 && apps}
        <label>${t("注册日期", "Signed up on")}<input type="date" name="signedUp" value="${signedUp}"></label>
        <label>${t("最近登录日期", "Last sign-in on")}<input type="date" name="signedIn" value="${signedIn}"></label>
        <label class="check"><input type="checkbox" name="never" ${never ? html`checked` : ""}>${t("从未登录", "never signed in")}</label>
      </div>
    </details>
  </form>`;
};

interface Person {
  user: User;
  avatarUrl: string | null;
  apps: string[];
}

const peopleTable = (t: Translate, rows: Html[]): Html =>
  rows.length === 0
    ? html`<p class="quiet">${t("没有找到。", "Nobody was found.")}</p>`
    : html`<table>
        <thead><tr>
          <th>${t("昵称", "Nickname")}</th><th>${t("手机号", "Phone")}</th><th>AppID</th><th>${t("状态", "Status")}</th>
          <th>${t("最近登录", "Last sign-in")}</th><th>${t("注册时间", "Signed up")}</th>
        </tr></thead>
        <tbody>${rows}</tbody>
      </table>`;

const personRow = (t: Translate, { user, avatarUrl, apps }: Person): Html => html`<tr>
  <td class="wide"><a class="who" href="people/${user.id}/">${avatar(avatarUrl)}<span>${user.nickname ?? t("未设置昵称", "No nickname")}<br><code class="quiet">${shortIdOf(user.id)}</code></span></a></td>
  <td>${user.phone ? maskPhone(user.phone) : "–"}</td>
  <td>${apps.join(" ") || "–"}</td>
  <td>${status(t, user.disabledAt)}</td>
  <td data-name="${t("最近登录", "Last sign-in")}">${user.lastSignInOn ?? t("从未", "never")}</td>
  <td data-name="${t("注册", "Signed up")}">${timeText(user.createdAt)}</td>
</tr>`;
