import { Entity, Index, PrimaryKey, Property } from "@mikro-orm/decorators/legacy";

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
