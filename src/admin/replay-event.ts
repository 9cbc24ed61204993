import { recordAct } from "../audit/record-act.js";
import { isOutboxOn, OutboxEvent } from "../database/outbox.js";
import type { ActContext } from "./act-context.js";

/** Why an event isn't told again: there is none with this id, or no server tells any. */
export type ReplayFault = "unknown" | "off";

/** Has an event told again at once, with its id, whatever became of it; undefined if that is done. The audit log has a line. */
export async function replayEvent({ em, now, by }: ActContext, id: string): Promise<ReplayFault | undefined> {
  return em.fork().transactional(async (transaction) => {
    if (!(await isOutboxOn(transaction))) return "off";
    const again = { state: "pending", tries: 0, dueAt: now(), lastAnswer: null } as const;
    if ((await transaction.nativeUpdate(OutboxEvent, { id }, again)) === 0) return "unknown";
    const { userId, type } = await transaction.findOneOrFail(OutboxEvent, { id }, { disableIdentityMap: true });
    await recordAct(transaction, now(), { by, act: "replay-event", userId, detail: type });
    return undefined;
  });
}
