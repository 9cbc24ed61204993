import { recordAct } from "../audit/record-act.js";
import { endAllSessions } from "../auth/sessions.js";
import { User } from "../user/user.js";
import { type ActContext, actOn, inWords, sessionsEnded } from "./act-context.js";

/**
 * Bars a user from signing in and from using tokens, and ends the sessions. It says how many, and whether the user wasn't disabled
 * yet. The audit log has a line if anything changed.
 */
export async function disableUser(
  context: ActContext,
  id: string,
  reason?: string,
): Promise<{ changed: boolean; ended: number }> {
  const { now, by } = context;
  return actOn(context, id, async (transaction) => {
    const changed = (await transaction.nativeUpdate(User, { id, disabledAt: null }, { disabledAt: now() })) > 0;
    const ended = await endAllSessions({ em: transaction, now }, id, "disabled");
    const detail = inWords(sessionsEnded(ended), reason);
    if (changed || ended > 0) await recordAct(transaction, now(), { by, act: "disable", userId: id, detail });
    return { changed, ended };
  });
}

/**
 * Lets a disabled user in again; false if the user wasn't disabled, and then the audit log has no line. A session that a sign-in
 * opened while the user was being disabled ends now.
 */
export async function enableUser(context: ActContext, id: string, reason?: string): Promise<boolean> {
  const { now, by } = context;
  return actOn(context, id, async (transaction) => {
    const changed = await transaction.nativeUpdate(User, { id, disabledAt: { $ne: null } }, { disabledAt: null });
    if (changed === 0) return false;
    await endAllSessions({ em: transaction, now }, id, "disabled");
    await recordAct(transaction, now(), { by, act: "enable", userId: id, detail: reason });
    return true;
  });
}
