import { Entity, Index, PrimaryKey, Property } from "@mikro-orm/decorators/legacy";
import { leastIdAt } from "../clock.js";
import { statement } from "../database/statement.js";
import { type Sweep, sweepBatch } from "../database/sweeper.js";
import type { Act, Actor } from "./record-act.js";

/**
 * A line of the audit log: what an operator, or WeChat by a message, has done. Triggers see to it that no line is changed or
 * taken out of the middle: only the oldest may go. It names a user by the id alone, which stays when the user is erased.
 */
@Entity({ tableName: "audit_entries" })
@Index({ name: "audit_entries_user_id_id_index", properties: ["userId", "id"] })
@Index({ name: "audit_entries_actor_id_index", properties: ["actor", "id"] })
@Index({ name: "audit_entries_act_id_index", properties: ["act", "id"] })
export class AuditEntry {
  /** A UUIDv7 of the time of the act, by which the lines are in order. */
  @PrimaryKey({ type: "uuid" })
  id!: string;

  @Property({ type: "datetime", length: 3 })
  actedAt!: Date;

  @Property({ type: "text" })
  actor!: Actor["name"];

  @Property({ type: "text" })
  origin!: Actor["origin"];

  /** The address of the operator's browser, if it was done on a page. */
  @Property({ type: "text", nullable: true })
  address!: string | null;

  @Property({ type: "text" })
  act!: Act;

  @Property({ type: "uuid", nullable: true })
  userId!: string | null;

  @Property({ type: "text", nullable: true })
  detail!: string | null;
}

const forgetOld = statement(`
  delete from audit_entries where id in (select id from audit_entries where id < ? order by id limit ${sweepBatch})`);

/** Lines that have been kept long enough. */
export const oldActs = (retentionSeconds: number): Sweep => ({
  what: "old lines of the audit log",
  run: (em, now) => forgetOld.run(em, [leastIdAt(new Date(now.getTime() - retentionSeconds * 1_000))]),
});
