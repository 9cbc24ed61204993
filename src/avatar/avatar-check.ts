import { Entity, Index, ManyToOne, PrimaryKey, Property } from "@mikro-orm/decorators/legacy";
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
