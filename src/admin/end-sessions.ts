import { recordAct } from "../audit/record-act.js";
import { endAllSessions } from "../auth/sessions.js";
import { type ActContext, actOn, inWords, sessionsEnded } from "./act-context.js";

/** Signs a user out everywhere and returns how many sessions ended. The audit log has a line if there were any. */
export async function endSessions(context: ActContext, userId: string, reason?: string): Promise<number> {
  const { now, by } = context;
  return actOn(context, userId, async (transaction) => {
    const ended = await endAllSessions({ em: transaction, now }, userId, "revoked");
    const detail = inWords(sessionsEnded(ended), reason);
    if (ended > 0) await recordAct(transaction, now(), { by, act: "end-sessions", userId, detail });
    return ended;
  });
}
