import { Entity, ManyToOne, PrimaryKey, Property } from "@mikro-orm/decorators/legacy";
import { User } from "../user/user.js";

/** One signed-in device. Its tokens are good as long as its row is there. Never public, so it has no GraphQL type. */
@Entity({ tableName: "sessions" })
export class Session {
  @PrimaryKey({ type: "uuid" })
  id!: string;

  @ManyToOne(() => User, { deleteRule: "cascade", index: true })
  user!: User;

  /** The app that signed in. */
  @Property({ type: "text" })
  appId!: string;

  @Property({ type: "datetime", length: 3 })
  createdAt!: Date;
}
