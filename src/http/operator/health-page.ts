import type { FastifyInstance } from "fastify";
import { html } from "hono/html";
import type { Activity } from "../../activity.js";
import { countRows } from "../../database/row-counts.js";
import { isSqlite } from "../../database/statement.js";
import { version } from "../../version.js";
import { adviceOn } from "../../wechat/advice.js";
import { explainErrcode } from "../../wechat/errcodes.js";
import { facts, type Html, page, timeText, type Visit } from "./layout.js";
import type { OperatorPageOptions } from "./options.js";
import { show, visitOf } from "./show.js";

/** `/operator/health`: how this process is, and how WeChat answers it. */
export function addHealthPage(scope: FastifyInstance, { services, activity }: OperatorPageOptions): void {
  const { em, now } = services;
  const startedAt = now();

  scope.get("/health", async (request, reply) => {
    const visit = visitOf(request);
    const { t } = visit;
    const [users, sessions] = await Promise.all([countRows(em.fork(), "users"), countRows(em.fork(), "sessions")]);
    const content = html`
      ${facts([
        [t("版本", "Version"), version],
        [t("数据库", "Database"), isSqlite(em) ? "SQLite" : "PostgreSQL"],
        [t("启动时间", "Running since"), timeText(startedAt)],
        [t("用户", "People"), users],
        [t("会话", "Sessions"), sessions],
      ])}
      <p class="quiet">${t(
        "下面两项由本进程自启动起统计；有多个进程时各自统计，总数见 /metrics（METRICS=on）。",
        "What follows is what this process has seen since it started; of several processes each tells its own, and /metrics (METRICS=on) has the sums.",
      )}</p>
      <h2>${t("最近 24 小时的登录", "Sign-ins of the last 24 hours")}</h2>${chart(visit, activity)}
      <h2>${t("微信拒绝的请求", "What WeChat refused")}</h2>${refusalTable(visit, activity)}`;
    return show(reply, 200, page(visit, t("运行状况", "Health"), content));
  });
}

function refusalTable({ t, language }: Visit, activity: Activity): Html {
  const refusals = activity.refusals();
  if (refusals.length === 0) return html`<p class="quiet">${t("没有。", "Nothing.")}</p>`;
  const head = [
    "errcode",
    t("次数", "Times"),
    t("最近一次", "Last"),
    t("含义", "What it means"),
    t("怎么办", "What to do"),
  ];
  return html`<table>
    <thead><tr>${head.map((name) => html`<th>${name}</th>`)}</tr></thead>
    <tbody>${refusals.map(
      ({ endpoint, errcode, count, lastAt }) => html`<tr>
        <td><b>${errcode}</b><br><span class="quiet">${endpoint}</span></td>
        <td data-name="${head[1]}">${count}</td>
        <td data-name="${head[2]}">${timeText(lastAt)}</td>
        <td class="wide">${explainErrcode(errcode).meaning[language]}</td>
        <td class="wide">${adviceOn(errcode)[language]}</td>
      </tr>`,
    )}</tbody>
  </table>`;
}

const barWidth = 20;
const chartHeight = 120;

/** A bar for each hour, the present one last. */
function chart({ t }: Visit, activity: Activity): Html {
  const hours = activity.signInsByHour();
  const most = Math.max(...hours.map(({ count }) => count), 1);
  const bars = hours.map(({ hour, count }, index) => {
    const height = Math.round((count / most) * chartHeight);
    const label = timeText(hour).slice(11);
    return html`<g><title>${label} ${count}</title>
      <rect x="${index * barWidth + 3}" y="${chartHeight + 14 - height}" width="${barWidth - 6}" height="${height}" rx="2"></rect>
      ${index % 3 === 2 ? html`<text x="${index * barWidth + barWidth / 2}" y="${chartHeight + 30}" text-anchor="middle">${label}</text>` : ""}
    </g>`;
  });
  const total = hours.reduce((sum, { count }) => sum + count, 0);
  return html`<svg viewBox="0 0 ${hours.length * barWidth + 12} ${chartHeight + 36}" role="img" aria-label="${t("每小时登录次数", "Sign-ins by hour")}">${bars}</svg>
    <p class="quiet">${t(`共 ${total} 次，最多一小时 ${most} 次`, `${total} altogether, ${most} in the busiest hour`)}</p>`;
}
