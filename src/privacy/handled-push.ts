import { Entity, Index, PrimaryKey, Property } from "@mikro-orm/decorators/legacy";

/** Milliseconds for which messages and their addresses are remembered: longer than an address is good. */
export const pushRetentionMs = 3_600_000;

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
