import { Entity, Index, ManyToOne, PrimaryKey, Property } from "@mikro-orm/decorators/legacy";
import { statement } from "../database/statement.js";
import { type Sweep, sweepBatch } from "../database/sweeper.js";
import { User } from "../user/user.js";

/** An avatar that WeChat is looking at; its verdict comes as a message. */
@Entity({ tableName: "avatar_checks" })
export class AvatarCheck {
  /** WeChat's name of the check. */
  @PrimaryKey({ type: "text" })
  traceId!: string;

  @ManyToOne(() => User, { deleteRule: "cascade", index: true })
  user!: User;

  /** The name under which the avatar is stored. */
  @Property({ type: "text" })
  avatar!: string;

  @Index()
  @Property({ type: "datetime", length: 3 })
  createdAt!: Date;
}

/** WeChat promises a verdict within half an hour. */
const retentionMs = 7 * 86_400_000;

const forgetOld = statement(`
  delete from avatar_checks where trace_id in (
    select trace_id from avatar_checks where created_at < ? limit ${sweepBatch}
  )`);

/** Checks whose verdict never came. */
export const forgottenChecks: Sweep = {
  what: "avatar checks",
  run: (em, now) => forgetOld.run(em, [new Date(now.getTime() - retentionMs)]),
};
