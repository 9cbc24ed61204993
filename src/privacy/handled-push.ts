import { Entity, Index, PrimaryKey, Property } from "@mikro-orm/decorators/legacy";
import { statement } from "../database/statement.js";
import { type Sweep, sweepBatch } from "../database/sweeper.js";

/** A message of WeChat's that was handled. */
@Entity({ tableName: "handled_pushes" })
export class HandledPush {
  /** The SHA-256 of what came, decrypted, so that the row tells nobody whom it was about. */
  @PrimaryKey({ type: "text" })
  id!: string;

  @Index()
  @Property({ type: "datetime", length: 3 })
  handledAt!: Date;
}

/** The signed address of a plain message, good for the body that came with it first. */
@Entity({ tableName: "push_addresses" })
export class UsedPushAddress {
  /** The SHA-256 of the signature's bytes, so that the row is no use to who reads it. */
  @PrimaryKey({ type: "text" })
  id!: string;

  /** The SHA-256 of the body. */
  @Property({ type: "text" })
  body!: string;

  @Index()
  @Property({ type: "datetime", length: 3 })
  usedAt!: Date;
}

/** Longer than a signed address is good. */
const retentionMs = 3_600_000;

const oldest = (now: Date) => new Date(now.getTime() - retentionMs);

const forgetPushes = statement(`
  delete from handled_pushes where id in (select id from handled_pushes where handled_at < ? limit ${sweepBatch})`);

/** Messages that can't come again. */
export const forgottenPushes: Sweep = {
  what: "handled messages",
  run: (em, now) => forgetPushes.run(em, [oldest(now)]),
};

const forgetAddresses = statement(`
  delete from push_addresses where id in (select id from push_addresses where used_at < ? limit ${sweepBatch})`);

/** Addresses that are no good any more. */
export const forgottenAddresses: Sweep = {
  what: "used addresses of messages",
  run: (em, now) => forgetAddresses.run(em, [oldest(now)]),
};
