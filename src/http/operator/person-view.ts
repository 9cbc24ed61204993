import { html } from "hono/html";
import { maskEmail, maskId, maskPhone } from "../../admin/mask.js";
import type { AuditEntry } from "../../audit/audit-entry.js";
import type { Translate } from "../../errors.js";
import type { UserExport } from "../../privacy/export-user.js";
import { actsTable } from "./acts-view.js";
import { facts, type Html, notice, page, timeText, type Visit } from "./layout.js";
import { type Outcome, shortIdOf } from "./person-acts.js";

/** What a person's page shows. */
export interface Shown {
  held: UserExport;
  /** The last act on the person; see `lastChange`. */
  seen: string;
  entries: AuditEntry[];
  now: Date;
}

/** The page of a person. */
export function personPage(
  visit: Visit,
  shown: Shown,
  { done, fault, typed = "", isUnmasked = false }: Partial<Outcome>,
): Html {
  const { t, language } = visit;
  const { held, entries } = shown;
  const { account, profile } = held;
  const content = html`
    ${notice(done?.[language])}${notice(fault?.[language], "bad")}
    <p class="who">
      ${avatar(profile.avatarUrl, "large")}
      <span><code>${shortIdOf(account.id)}</code><br><span class="quiet">${account.id}</span><br>${status(t, account.disabledAt)}</span>
    </p>
    ${profileFacts(t, held, isUnmasked)}
    ${!isUnmasked && html`<form method="post" action="show"><button>${t("显示个人信息（会被记录）", "Show personal data (this is logged)")}</button></form>`}
    <h2>${t("微信身份", "Identities")}</h2>${identityTable(t, held, isUnmasked)}
    <h2>${t("会话", "Sessions")}</h2>${sessionTable(t, shown)}
    <h2>${t("操作", "What you can do")}</h2>${forms(t, shown, typed)}
    <h2>${t("审计日志", "Audit log")}</h2>${actsTable(visit, entries)}
    <p><a href="${visit.root}acts?user=${account.id}">${t("全部记录", "All of it")}</a></p>`;
  return page(visit, profile.nickname ?? t("未设置昵称", "No nickname"), content);
}

/** A picture, or an empty circle. */
export const avatar = (url: string | null, size = ""): Html =>
  url
    ? html`<img class="avatar ${size}" src="${url}" alt="" loading="lazy">`
    : html`<span class="avatar ${size}"></span>`;

export const status = (t: Translate, disabledAt: Date | string | null): Html =>
  disabledAt ? html`<span class="bad">${t("已停用", "disabled")}</span>` : html`<span>${t("正常", "active")}</span>`;

const hidden = "••••••";

function profileFacts(t: Translate, { account, profile, avatarChecks }: UserExport, isUnmasked: boolean): Html {
  const { phone, email, birthday, address } = profile;
  const genders = { MALE: t("男", "male"), FEMALE: t("女", "female") };
  return facts([
    [t("手机号", "Phone"), isUnmasked ? phone : phone && maskPhone(phone)],
    [t("邮箱", "E-mail"), isUnmasked ? email : email && maskEmail(email)],
    [t("生日", "Birthday"), isUnmasked ? birthday : birthday && hidden],
    [t("地址", "Address"), isUnmasked ? address : address && hidden],
    [t("性别", "Gender"), profile.gender && genders[profile.gender]],
    [t("个性签名", "Signature"), profile.signature],
    [t("注册时间", "Signed up"), timeText(account.createdAt)],
    [t("资料修改时间", "Profile changed"), timeText(account.updatedAt)],
    [t("最近登录", "Last sign-in"), account.lastSignInOn ?? t("从未", "never")],
    [t("停用时间", "Disabled since"), account.disabledAt && timeText(account.disabledAt)],
    [t("微信正在审核的头像", "Avatars that WeChat is checking"), avatarChecks.length],
  ]);
}

const identityTable = (t: Translate, { identities, unionids }: UserExport, isUnmasked: boolean): Html => {
  const shown = (id: string) => (isUnmasked ? id : maskId(id));
  return html`<table>
    <thead><tr><th>AppID</th><th>openid</th><th>${t("关联时间", "Since")}</th></tr></thead>
    <tbody>${identities.map(
      ({ appId, openid, createdAt }) =>
        html`<tr><td>${appId}</td><td><code>${shown(openid)}</code></td><td>${timeText(createdAt)}</td></tr>`,
    )}</tbody>
  </table>
  ${unionids.map((unionid) => html`<p class="quiet">unionid <code>${shown(unionid)}</code></p>`)}`;
};

function sessionTable(t: Translate, { held, now }: Shown): Html {
  const standing = held.sessions.filter(({ expiresAt }) => new Date(expiresAt) > now);
  if (standing.length === 0) return html`<p class="quiet">${t("没有登录中的设备。", "Signed in nowhere.")}</p>`;
  const head = [t("设备", "Device"), "AppID", t("登录", "Signed in"), t("最近使用", "Last used"), t("到期", "Expires")];
  return html`<table>
    <thead><tr>${head.map((name) => html`<th>${name}</th>`)}</tr></thead>
    <tbody>${standing.toReversed().map(
      ({ device, appId, createdAt, lastUsedAt, expiresAt }) => html`<tr>
        <td class="wide">${device ?? t("未知设备", "unknown")}</td><td class="wide">${appId}</td>
        ${[createdAt, lastUsedAt, expiresAt].map((time, index) => html`<td data-name="${head[index + 2]}">${timeText(time)}</td>`)}
      </tr>`,
    )}</tbody>
  </table>`;
}

/** What can be done as things stand. Each form tells what the operator saw, so that a stale one does nothing. */
function forms(t: Translate, { held: { account, profile }, seen }: Shown, reasonTyped: string): Html {
  const fields = html`<input type="hidden" name="seen" value="${seen}"><input type="hidden" name="version" value="${account.updatedAt}">`;
  const reason = html`<label>${t("原因（写入审计日志）", "Reason, for the audit log")}<input name="reason" maxlength="200" value="${reasonTyped}"></label>`;
  const form = (action: string, label: string, inputs: unknown, kind = "") =>
    html`<form method="post" action="${action}">${fields}${inputs}<button class="${kind}">${label}</button></form>`;
  const typed = html`<label>${t(`输入短 ID ${shortIdOf(account.id)} 以确认`, `Type the short ID ${shortIdOf(account.id)}`)}
    <input name="confirm" autocomplete="off" required></label>`;
  return html`<div class="acts">
    ${
      account.disabledAt
        ? form("enable", t("恢复账号", "Enable"), reason, "main")
        : form("disable", t("停用账号", "Disable"), reason, "danger")
    }
    ${form("end-sessions", t("结束所有会话", "End all sessions"), reason)}
    ${profile.phone && form("free-phone", t("释放手机号", "Free the phone number"), "")}
    ${profile.avatarUrl && form("remove-avatar", t("移除头像", "Remove the avatar"), "")}
    ${form("export", t("下载全部数据", "Download all data"), "")}
    ${form("delete", t("注销账号并删除数据", "Delete for good"), html`${reason}${typed}`, "danger")}
  </div>`;
}
