import { Entity, Index, PrimaryKey, Property } from "@mikro-orm/decorators/legacy";
import type { SqlEntityManager } from "@mikro-orm/sql";
import { statement } from "./statement.js";
import { type Sweep, sweepBatch } from "./sweeper.js";

/** What can be told of a user. */
export const eventTypes = [
  "user.created",
  "user.updated",
  "user.disabled",
  "user.enabled",
  "user.deleted",
  "phone.bound",
  "phone.unbound",
  "identity.linked",
  "session.created",
  "session.ended",
] as const;

export type EventType = (typeof eventTypes)[number];

/** How far the telling of an event is; `failed` is given up. */
export const eventStates = ["pending", "delivered", "failed"] as const;

export type EventState = (typeof eventStates)[number];

/**
 * Something that has happened to a user, to be told by a webhook. Triggers write it in the transaction of the change, while
 * {@link switchOutbox} says so. It holds ids and names of fields, and outlives the user, whose end it tells.
 */
@Entity({ tableName: "outbox" })
@Index({ name: "outbox_due_at_index", properties: ["dueAt", "seq"], where: "state = 'pending'" })
@Index({ name: "outbox_user_id_index", properties: ["userId", "seq"], where: "state = 'pending'" })
export class OutboxEvent {
  /** In which order things happened to one user. */
  // SQLite calls it an integer.
  @PrimaryKey({ type: "bigint", autoincrement: true, ignoreSchemaChanges: ["type"] })
  seq!: string;

  /** By which the receiver knows the event when it comes again. */
  @Property({ type: "text", unique: true })
  id!: string;

  @Property({ type: "text" })
  type!: EventType;

  @Property({ type: "uuid" })
  userId!: string;

  /** What there is to tell beside the user's id, as JSON. */
  @Property({ type: "text" })
  data!: string;

  /** The database's time. */
  @Property({ type: "datetime", length: 3, index: true })
  occurredAt!: Date;

  @Property({ type: "text" })
  state!: EventState;

  @Property({ type: "integer" })
  tries!: number;

  /** When it may be tried next. Whoever tries it puts it off first, so that nobody else does meanwhile. */
  @Property({ type: "datetime", length: 3 })
  dueAt!: Date;

  /** What the last try got: a status, or the code of a fault; null before it, and while it is under way. */
  @Property({ type: "text", nullable: true })
  lastAnswer!: string | null;
}

const change = statement("update outbox_switch set is_on = ? where is_on <> ?");

/**
 * Has the triggers write events, or not; in a transaction, only those of what the transaction does are concerned. False if it was
 * so already.
 */
export async function switchOutbox(em: SqlEntityManager, isOn: boolean): Promise<boolean> {
  const value = isOn ? 1 : 0;
  return (await change.run(em, [value, value])) > 0;
}

const look = statement("select is_on from outbox_switch where is_on = 1");

/** Whether events are written. */
export const isOutboxOn = async (em: SqlEntityManager): Promise<boolean> => (await look.rows(em, [])).length > 0;

/** Counting ends here. */
const maxCounted = 10_000;

const countPending = statement(`
  select count(*) as events from (select 1 from outbox where state = 'pending' limit ${maxCounted}) as first_ones`);

/** How many events are still to be told; 10,000 stands for more. */
export async function countPendingEvents(em: SqlEntityManager): Promise<number> {
  const [row] = await countPending.rows(em, []);
  return Number(row?.["events"]);
}

/** How long an event is kept, told or not. Trying ends before that. */
const retentionMs = 7 * 86_400_000;

const forgetOld = statement(`
  delete from outbox where seq in (select seq from outbox where occurred_at < ? order by occurred_at limit ${sweepBatch})`);

/** Events that have been kept long enough. */
export const oldEvents: Sweep = {
  what: "old events of webhooks",
  run: (em, now) => forgetOld.run(em, [new Date(now.getTime() - retentionMs)]),
};
