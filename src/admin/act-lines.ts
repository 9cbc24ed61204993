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

/** Lines of the audit log as CSV, without a head. What a spreadsheet would take for a formula is marked as text. */
export const linesAsCsv = (entries: readonly AuditEntry[]): string =>
  entries.map((entry) => csvRow(columns.map((column) => lineOf(entry)[column] ?? ""))).join("");

const csvRow = (cells: readonly string[]) => `${cells.map(csvCell).join(",")}\n`;

const csvCell = (text: string) =>
  `"${printable(text)
    .replace(/^[=+@-]/, "'$&")
    .replaceAll('"', '""')}"`;

/** The names of the columns. */
export const csvHead = csvRow(columns);
