import type { Translate } from "../../errors.js";
import type { UserExport } from "../../privacy/export-user.js";
import { maskEmail, maskId, maskPhone } from "../mask.js";
import { printable } from "../printable.js";
import { displayWidth } from "./display-width.js";

/** Rows as a table with aligned columns. What can be of any width, such as a nickname, belongs in the last one. */
export function table(head: string[], rows: (string | null)[][]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => printable(cell ?? "-")));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => displayWidth(row[column] ?? ""))));
  const padded = (cell: string, column: number) => cell + " ".repeat((widths[column] ?? 0) - displayWidth(cell));
  return cells.map((row) => `${row.map(padded).join("  ").trimEnd()}\n`).join("");
}

/** How to go on after a page. */
export const thereAreMore = (t: Translate, next: string) =>
  t(`\n还有更多：--after ${next}\n`, `\nThere are more: --after ${next}\n`);

export const asJson = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

/** What is held about one user. */
export function userSheet(t: Translate, { account, profile, identities, unionids, sessions }: UserExport): string {
  return [
    table([t("字段", "FIELD"), t("值", "VALUE")], Object.entries({ ...account, ...profile })),
    table(
      ["APPID", t("加入时间", "SINCE"), "OPENID"],
      identities.map(({ appId, createdAt, openid }) => [appId, createdAt, openid]),
    ),
    table(
      ["UNIONID"],
      unionids.map((unionid) => [unionid]),
    ),
    table(
      [
        t("会话", "SESSION"),
        "APPID",
        t("登录时间", "CREATED"),
        t("最近使用", "LAST USED"),
        t("到期时间", "EXPIRES"),
        t("设备", "DEVICE"),
      ],
      sessions.map(({ id, appId, createdAt, lastUsedAt, expiresAt, device }) => [
        id,
        appId,
        createdAt,
        lastUsedAt,
        expiresAt,
        device,
      ]),
    ),
  ].join("\n");
}

/** What of a user is shown in full. */
interface Shown {
  openids: boolean;
  /** The phone number and the e-mail address. */
  personal: boolean;
}

/** The same user without what is no business of every ticket and screenshot. */
export function masked(user: UserExport, shown: Shown): UserExport {
  const { profile, identities, unionids } = user;
  const { phone, email } = profile;
  return {
    ...user,
    ...(!shown.personal && {
      profile: { ...profile, phone: phone && maskPhone(phone), email: email && maskEmail(email) },
    }),
    ...(!shown.openids && {
      identities: identities.map((identity) => ({ ...identity, openid: maskId(identity.openid) })),
      unionids: unionids.map(maskId),
    }),
  };
}
