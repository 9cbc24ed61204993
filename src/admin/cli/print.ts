import type { UserExport } from "../../privacy/export-user.js";
import { maskEmail, maskId, maskPhone } from "../mask.js";
import { printable } from "../printable.js";

/** Rows as a table with aligned columns. What can be of any width, such as a nickname, belongs in the last one. */
export function table(head: string[], rows: (string | null)[][]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => printable(cell ?? "-")));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "));
  return lines.map((line) => `${line.trimEnd()}\n`).join("");
}

export const asJson = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

/** What is held about one user. */
export function userSheet({ account, profile, identities, unionids, sessions }: UserExport): string {
  return [
    table(["FIELD", "VALUE"], Object.entries({ ...account, ...profile })),
    table(
      ["APP", "SINCE", "OPENID"],
      identities.map(({ appId, createdAt, openid }) => [appId, createdAt, openid]),
    ),
    table(
      ["UNIONID"],
      unionids.map((unionid) => [unionid]),
    ),
    table(
      ["SESSION", "APP", "CREATED", "LAST USED", "EXPIRES", "DEVICE"],
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
