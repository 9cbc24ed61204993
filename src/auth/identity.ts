import { Entity, ManyToOne, PrimaryKey, Property, Unique } from "@mikro-orm/decorators/legacy";
import { User } from "../user/user.js";

/** Who WeChat says somebody is: the openid of one person in one app. Never public, so it has no GraphQL type. */
@Entity({ tableName: "identities" })
@Unique({ properties: ["appId", "user"] })
export class Identity {
  @PrimaryKey({ type: "text" })
  openid!: string;

  @PrimaryKey({ type: "text" })
  appId!: string;

  /** Within one app, a person has one openid. */
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
