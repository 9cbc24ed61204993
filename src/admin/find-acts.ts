import type { FilterQuery } from "@mikro-orm/core";
import type { SqlEntityManager } from "@mikro-orm/sql";
import { AuditEntry } from "../audit/audit-entry.js";
import type { Act } from "../audit/record-act.js";
import { leastIdAt } from "../clock.js";

/** Which lines are wanted. */
export interface ActSearch {
  /** The user on whom. */
  user?: string;
  actor?: string;
  act?: Act;
  from?: Date;
  /** Up to this time, without it. */
  to?: Date;
  /** How many lines at most. */
  limit: number;
  /** The last line of the page before. */
  after?: string;
}

interface Page {
  entries: AuditEntry[];
  /** The line after which the next page begins, if there is one. */
  next: string | null;
}

/** Finds lines of the audit log, the newest first. Their ids tell the time, so that days and pages are ranges of one index. */
export async function findActs(em: SqlEntityManager, { limit, after, ...wanted }: ActSearch): Promise<Page> {
  const conditions: FilterQuery<AuditEntry>[] = [];
  if (wanted.user !== undefined) conditions.push({ userId: wanted.user });
  if (wanted.actor !== undefined) conditions.push({ actor: wanted.actor });
  if (wanted.act !== undefined) conditions.push({ act: wanted.act });
  if (wanted.from !== undefined) conditions.push({ id: { $gte: leastIdAt(wanted.from) } });
  if (wanted.to !== undefined) conditions.push({ id: { $lt: leastIdAt(wanted.to) } });
  if (after !== undefined) conditions.push({ id: { $lt: after } });
  const found = await em.find(AuditEntry, { $and: conditions }, { orderBy: { id: "desc" }, limit: limit + 1 });
  const entries = found.slice(0, limit);
  return { entries, next: found.length > limit ? (entries.at(-1)?.id ?? null) : null };
}
