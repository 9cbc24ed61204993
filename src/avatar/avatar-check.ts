import { Entity, Index, ManyToOne, PrimaryKey, Property } from "@mikro-orm/decorators/legacy";
import { statement } from "../database/statement.js";
import { type Sweep, sweepBatch } from "../database/sweeper.js";
import { User } from "../user/user.js";

/** An avatar that WeChat is looking at; its verdict comes as a message, which may be here before the avatar is given to its user. */
@Entity({ tableName: "avatar_checks" })
export class AvatarCheck {
  /** WeChat's name of the check. */
  @PrimaryKey({ type: "text" })
  traceId!: string;

  /** Whose it is; null while only the verdict is here. */
  @ManyToOne(() => User, { deleteRule: "cascade", index: true, nullable: true })
  user!: User | null;

  /** The name under which the avatar is stored; null while only the verdict is here. */
  @Property({ type: "text", nullable: true })
  avatar!: string | null;

  /** The verdict that came first; null while WeChat is still looking. */
  @Property({ type: "text", nullable: true })
  suggest!: string | null;

  @Property({ type: "integer", nullable: true })
  label!: number | null;

  @Index()
  @Property({ type: "datetime", length: 3 })
  createdAt!: Date;
}

/** WeChat promises a verdict within half an hour. */
const retentionMs = 7 * 86_400_000;

/** Longer than an upload takes from WeChat's answer to its end. */
const earlyVerdictRetentionMs = 3_600_000;

const forgetOld = statement(`
  delete from avatar_checks where trace_id in (
    select trace_id from avatar_checks where created_at < ? or (user_id is null and created_at < ?) limit ${sweepBatch}
  )`);

const ago = (now: Date, milliseconds: number) => new Date(now.getTime() - milliseconds);

/** Checks whose verdict never came, and verdicts whose avatar never did. */
export const forgottenChecks: Sweep = {
  what: "avatar checks",
  run: (em, now) => forgetOld.run(em, [ago(now, retentionMs), ago(now, earlyVerdictRetentionMs)]),
};
