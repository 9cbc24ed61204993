import { Entity, ManyToOne, PrimaryKey, Property } from "@mikro-orm/decorators/legacy";
import { User } from "../user/user.js";

/** Who WeChat says somebody is: the openid of one person in one app. Never public, so it has no GraphQL type. */
@Entity({ tableName: "identities" })
export class Identity {
  @PrimaryKey({ type: "text" })
  appId!: string;

  @PrimaryKey({ type: "text" })
  openid!: string;

  @ManyToOne(() => User, { deleteRule: "cascade", index: true })
  user!: User;

  @Property({ type: "datetime", length: 3 })
  createdAt!: Date;
}

/** A person's id across all apps of one Open Platform account; it belongs to one user and joins that user's identities. */
@Entity({ tableName: "unionids" })
export class Unionid {
  @PrimaryKey({ type: "text" })
  unionid!: string;

  @ManyToOne(() => User, { deleteRule: "cascade", index: true })
  user!: User;
}
