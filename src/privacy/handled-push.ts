import { Entity, Index, PrimaryKey, Property } from "@mikro-orm/decorators/legacy";
import { statement } from "../database/statement.js";
import { type Sweep, sweepBatch } from "../database/sweeper.js";

/** A message of WeChat's that was handled, remembered for as long as its signed address is good. */
@Entity({ tableName: "handled_pushes" })
export class HandledPush {
  /** The SHA-256 of the body, so that the row tells nobody whom it was about. */
  @PrimaryKey({ type: "text" })
  id!: string;

  @Index()
  @Property({ type: "datetime", length: 3 })
  handledAt!: Date;
}

/** Longer than a signed address is good. */
const retentionMs = 3_600_000;

const forgetOld = statement(`
  delete from handled_pushes where id in (select id from handled_pushes where handled_at < ? limit ${sweepBatch})`);

/** Messages that can't come again. */
export const forgottenPushes: Sweep = {
  what: "handled messages",
  run: (em, now) => forgetOld.run(em, [new Date(now.getTime() - retentionMs)]),
};
