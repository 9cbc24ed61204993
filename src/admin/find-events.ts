import type { SqlEntityManager } from "@mikro-orm/sql";
import { type EventState, OutboxEvent } from "../database/outbox.js";

/** Which events of webhooks are wanted. */
export interface EventSearch {
  state?: EventState;
  limit: number;
}

/** The latest events of webhooks, the newest first. */
export function findEvents(em: SqlEntityManager, { state, limit }: EventSearch): Promise<OutboxEvent[]> {
  const wanted = state === undefined ? {} : { state };
  return em.find(OutboxEvent, wanted, { orderBy: { seq: "desc" }, limit, disableIdentityMap: true });
}

/** An event, for programs: what was told stands in `data`, and what the receiver last answered in `lastAnswer`. */
export const eventLineOf = (event: OutboxEvent) => ({
  id: event.id,
  type: event.type,
  userId: event.userId,
  data: JSON.parse(event.data),
  occurredAt: event.occurredAt.toISOString(),
  state: event.state,
  tries: event.tries,
  nextTryAt: event.state === "pending" && event.tries > 0 ? event.dueAt.toISOString() : null,
  lastAnswer: event.lastAnswer,
});
