import { Field, ID, ObjectType } from "type-graphql";
import { DateTime } from "../user/scalars.js";

@ObjectType("Session", {
  description: "A signed-in device of the caller's. 一台已登录的设备。",
  simpleResolvers: true,
})
export class SessionType {
  @Field(() => ID, { description: "For `revokeSession`. 会话 ID，用于 `revokeSession`。" })
  id!: string;

  @Field(() => String, { description: "The mini-program's AppID. 小程序的 AppID。" })
  appId!: string;

  @Field(() => String, {
    nullable: true,
    description: "What the device seems to be, such as `iPhone, iOS 17.5, WeChat 8.0.49`. 根据请求头推测的设备。",
  })
  device!: string | null;

  @Field(() => Boolean, { description: "True for the session of this request. 是否当前会话。" })
  isCurrent!: boolean;

  @Field(() => DateTime, { description: "When it signed in. 登录时间。" })
  createdAt!: Date;

  @Field(() => DateTime, {
    description: "When it signed in or last renewed its tokens. 最近一次登录或刷新令牌的时间。",
  })
  lastUsedAt!: Date;

  @Field(() => DateTime, { description: "When it ends unless it is used before. 如不再使用，会话结束的时间。" })
  expiresAt!: Date;
}
