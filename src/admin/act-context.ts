import type { SqlEntityManager } from "@mikro-orm/sql";
import { AuditEntry } from "../audit/audit-entry.js";
import { type Act, type Actor, acts } from "../audit/record-act.js";
import type { Context } from "../context.js";
import { lockUser } from "../user/users.js";

/** What an act of an operator's needs: the data, the time, and who acts. */
export type ActContext = Pick<Context, "em" | "now"> & {
  by: Actor;
  /** What the operator saw of the acts on the user, as {@link lastChange} told it then: the act is refused if others have acted since. */
  seen?: string;
};

/** Somebody else has acted on the user since the operator looked. Nothing was changed. */
export class StaleError extends Error {
  override readonly name = "StaleError";
}

/** Whether an act changes the user whom it is on, unlike looking at one. A new act doesn't compile until that is decided here. */
const isChange: Record<Act, boolean> = {
  disable: true,
  enable: true,
  "end-sessions": true,
  delete: true,
  "erase-fields": true,
  "begin-import": false,
  import: false,
  backup: false,
  export: false,
  show: false,
  "login-link": false,
  "remove-operator": false,
  "sign-in": false,
  "replay-event": false,
};

const changes = acts.filter((act) => isChange[act]);

/** Names the last act that changed a user; `none` if there was none. */
export async function lastChange(em: SqlEntityManager, userId: string): Promise<string> {
  const wanted = { userId, act: { $in: changes } };
  const [last] = await em.find(AuditEntry, wanted, { orderBy: { id: "desc" }, limit: 1, disableIdentityMap: true });
  return last?.id ?? "none";
}

/** @throws StaleError if somebody has acted on the user since; if not, nobody does until the transaction ends */
export async function refuseIfStale(
  transaction: SqlEntityManager,
  { seen }: ActContext,
  userId: string,
): Promise<void> {
  if (seen === undefined) return;
  await lockUser(transaction, userId);
  if ((await lastChange(transaction, userId)) !== seen) throw new StaleError();
}

/** Runs an act on a user in one transaction. @throws StaleError */
export function actOn<Done>(
  context: ActContext,
  userId: string,
  act: (transaction: SqlEntityManager) => Promise<Done>,
): Promise<Done> {
  return context.em.fork().transactional(async (transaction) => {
    await refuseIfStale(transaction, context, userId);
    return act(transaction);
  });
}

/** The parts of a detail that there are, for the audit log. */
export const inWords = (...parts: (string | undefined)[]): string => parts.filter(Boolean).join("; ");

export const sessionsEnded = (count: number): string => `sessions ended: ${count}`;
