import { html } from "hono/html";
import type { AuditEntry } from "../../audit/audit-entry.js";
import type { Act } from "../../audit/record-act.js";
import type { Text } from "../../errors.js";
import { type Html, timeText, type Visit } from "./layout.js";
import { shortIdOf } from "./person-acts.js";

/** What the page calls the acts. */
export const actNames: Record<Act, Text> = {
  disable: { zh: "停用", en: "disable" },
  enable: { zh: "恢复", en: "enable" },
  "end-sessions": { zh: "结束会话", en: "end sessions" },
  delete: { zh: "注销", en: "delete" },
  "erase-fields": { zh: "清除资料", en: "erase fields" },
  "begin-import": { zh: "开始导入", en: "begin import" },
  import: { zh: "导入", en: "import" },
  backup: { zh: "备份", en: "backup" },
  export: { zh: "导出", en: "export" },
  show: { zh: "查看个人信息", en: "show personal data" },
  "login-link": { zh: "生成登录链接", en: "make login link" },
  "remove-operator": { zh: "移除管理员", en: "remove operator" },
  "sign-in": { zh: "登录管理页", en: "sign in" },
  "replay-event": { zh: "重发回调", en: "replay event" },
};

/** Lines of the audit log, with the address from which a page was used. */
export function actsTable({ t, language, root }: Visit, entries: readonly AuditEntry[]): Html {
  if (entries.length === 0) return html`<p class="quiet">${t("没有记录。", "There is nothing.")}</p>`;
  const head = [t("时间", "Time"), t("操作人", "Who"), t("操作", "What"), t("用户", "On whom"), t("说明", "Detail")];
  return html`<table>
    <thead><tr>${head.map((name) => html`<th>${name}</th>`)}</tr></thead>
    <tbody>${entries.map(
      ({ actedAt, actor, origin, address, act, userId, detail }) => html`<tr>
        <td>${timeText(actedAt)}</td>
        <td>${actor} <span class="quiet">${address ?? originName(t, origin)}</span></td>
        <td>${actNames[act][language]}</td>
        <td>${userId && html`<a href="${root}people/${userId}/"><code>${shortIdOf(userId)}</code></a>`}</td>
        <td class="wide">${detail && (language === "zh" ? inChinese(detail) : detail)}</td>
      </tr>`,
    )}</tbody>
  </table>`;
}

function originName(t: Visit["t"], origin: AuditEntry["origin"]): string {
  return { command: t("命令行", "command"), page: t("管理页", "page"), push: t("微信消息", "message") }[origin];
}

const chineseWords: [RegExp, string][] = [
  [/^sessions ended: (\d+)/, "结束了 $1 个会话"],
  [/^has left WeChat; stays out$/, "已注销微信；仍不能登录"],
  [/^has left WeChat$/, "已注销微信"],
  [/\bphone\b/, "手机号"],
  [/\bnickname\b/, "昵称"],
  [/\bemail\b/, "邮箱"],
  [/\baddress\b/, "地址"],
  [/\bavatar, which is risky\b/, "违规头像"],
  [/\bavatar\b/, "头像"],
];

/** The words of our own in a detail; the reason after them is the operator's. */
function inChinese(detail: string): string {
  const [words = "", ...reason] = detail.split(/(?<=^sessions ended: \d+); /);
  const isOurs = /^(sessions ended: \d+|has left WeChat(; stays out)?|[a-z]+(, [a-z]+| which is risky)*)$/.test(words);
  const ours = isOurs ? chineseWords.reduce((text, [word, chinese]) => text.replace(word, chinese), words) : words;
  return [ours, ...reason].join("；");
}
