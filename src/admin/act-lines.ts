import type { AuditEntry } from "../audit/audit-entry.js";
import { printable } from "./printable.js";

/** A line of the audit log, for programs. */
export const lineOf = ({ id, actedAt, actor, origin, address, act, userId, detail }: AuditEntry) => ({
  id,
  actedAt: actedAt.toISOString(),
  actor,
  origin,
  address,
  act,
  userId,
  detail,
});

const columns = [
  "id",
  "actedAt",
  "actor",
  "origin",
  "address",
  "act",
  "userId",
  "detail",
] as const satisfies (keyof ReturnType<typeof lineOf>)[];

/** Lines of the audit log as CSV, with a head. What a spreadsheet would take for a formula is marked as text. */
export function linesAsCsv(entries: readonly AuditEntry[]): string {
  const rows = entries.map(lineOf).map((line) => columns.map((column) => line[column] ?? ""));
  return [columns, ...rows].map((row) => `${row.map(csvCell).join(",")}\n`).join("");
}

const csvCell = (text: string) =>
  `"${printable(text)
    .replace(/^[=+@-]/, "'$&")
    .replaceAll('"', '""')}"`;
