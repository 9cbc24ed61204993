import { endAllSessions } from "../auth/sessions.js";
import type { Context } from "../context.js";
import { User } from "../user/user.js";

type Dependencies = Pick<Context, "em" | "now">;

/** Bars a user from signing in and from using tokens, and ends the sessions. It says how many, and whether the user wasn't disabled yet. */
export async function disableUser({ em, now }: Dependencies, id: string): Promise<{ changed: boolean; ended: number }> {
  return em.fork().transactional(async (transaction) => {
    const changed = await transaction.nativeUpdate(User, { id, disabledAt: null }, { disabledAt: now() });
    const ended = await endAllSessions({ em: transaction, now }, id);
    return { changed: changed > 0, ended };
  });
}

/**
 * Lets a disabled user in again; false if the user wasn't disabled. A session that a sign-in opened while the user was being
 * disabled ends now.
 */
export async function enableUser({ em, now }: Dependencies, id: string): Promise<boolean> {
  return em.fork().transactional(async (transaction) => {
    const changed = await transaction.nativeUpdate(User, { id, disabledAt: { $ne: null } }, { disabledAt: null });
    if (changed > 0) await endAllSessions({ em: transaction, now }, id);
    return changed > 0;
  });
}
