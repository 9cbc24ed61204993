import { Entity, Enum, Index, PrimaryKey, Property } from "@mikro-orm/decorators/legacy";
import { Field, ID, ObjectType } from "type-graphql";
import { Gender } from "./gender.js";
import { DateTime, EmailAddress, LocalDate, PhoneNumber } from "./scalars.js";

/** An account: a row of `users`, and the type `User` of the API. Properties without `@Field` are not public. */
@ObjectType({
  description: "An account, with the profile that its owner keeps. 用户账号及其资料。",
  simpleResolvers: true,
})
@Entity({ tableName: "users" })
@Index({
  name: "users_nickname_folded_index",
  properties: ["nicknameFolded", "id"],
  where: "nickname_folded is not null",
})
@Index({ name: "users_disabled_index", properties: ["id"], where: "disabled_at is not null" })
@Index({ name: "users_last_sign_in_on_index", properties: ["lastSignInOn", "id"] })
@Index({
  name: "users_email_index",
  expression: "create index users_email_index on users (lower(email), id) where email is not null",
})
@Index({
  name: "users_id_end_index",
  expression: "create index users_id_end_index on users (substr(cast(id as text), 33))",
})
export class User {
  /** A UUIDv7: it tells nobody how many users there are, and still indexes well. */
  @Field(() => ID, { description: "The account's id. It never changes. 用户 ID，永不改变。" })
  @PrimaryKey({ type: "uuid" })
  id!: string;

  @Field(() => String, { nullable: true, description: "The name to show: up to 32 characters. 昵称，最多 32 个字符。" })
  @Property({ type: "text", nullable: true })
  nickname: string | null = null;

  /** The nickname as it is searched for; see `withFoldedNickname`, by which each write of a nickname sets it. */
  @Property({
    type: "text",
    nullable: true,
    check: "(nickname is null) = (nickname_folded is null)",
    // PostgreSQL sorts it by code points, which SQLite does by itself.
    ignoreSchemaChanges: ["collation"],
  })
  nicknameFolded: string | null = null;

  @Field(() => EmailAddress, {
    nullable: true,
    description: "An e-mail address; nobody has verified it. 邮箱，未经验证。",
  })
  @Property({ type: "text", nullable: true })
  email: string | null = null;

  @Field(() => LocalDate, { nullable: true, description: "The date of birth, from 1900 to today. 生日，1900 年至今。" })
  @Property({ type: "date", nullable: true })
  birthday: string | null = null;

  @Field(() => Gender, { nullable: true, description: "The gender, if given. 性别。" })
  @Enum({ items: () => Gender, nullable: true })
  gender: Gender | null = null;

  @Field(() => String, {
    nullable: true,
    description: "A postal address: up to 200 characters. 地址，最多 200 个字符。",
  })
  @Property({ type: "text", nullable: true })
  address: string | null = null;

  @Field(() => String, {
    nullable: true,
    description: "A few words about oneself: up to 120 characters. 个性签名，最多 120 个字符。",
  })
  @Property({ type: "text", nullable: true })
  signature: string | null = null;

  /** In E.164; no two users share one. */
  @Field(() => PhoneNumber, {
    nullable: true,
    description:
      "The phone number that WeChat vouches for; `bindPhone` writes it. 微信验证过的手机号，由 `bindPhone` 写入。",
  })
  @Property({ type: "text", nullable: true, unique: true })
  phone: string | null = null;

  /** The name under which the avatar is stored; a file is one user's. */
  @Property({ type: "text", nullable: true, unique: true })
  avatar: string | null = null;

  /** When an operator disabled the account; such a user can neither sign in nor use a token. */
  @Property({ type: "datetime", length: 3, nullable: true })
  disabledAt: Date | null = null;

  /** The day in China of the last sign-in; null if there was none, as of people who were imported. */
  @Property({ type: "date", nullable: true })
  lastSignInOn: string | null = null;

  @Field(() => DateTime, { description: "When the account was made. 注册时间。" })
  @Property({ type: "datetime", length: 3 })
  createdAt!: Date;

  @Field(() => DateTime, { description: "When the profile last changed. 资料最后修改时间。" })
  @Property({ type: "datetime", length: 3 })
  updatedAt!: Date;
}
