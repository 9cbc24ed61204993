import { Field, ObjectType } from "type-graphql";
import { DateTime } from "../user/scalars.js";
import { User } from "../user/user.js";

@ObjectType({
  description: "A signed-in user and the token that proves it. 登录结果：令牌与用户。",
  simpleResolvers: true,
})
export class LoginPayload {
  @Field(() => String, {
    description:
      "The access token, a JWT. Send it as `Authorization: Bearer …`. 访问令牌（JWT），放在请求头 `Authorization: Bearer …` 中。",
  })
  token!: string;

  @Field(() => DateTime, { description: "When the access token stops working. 访问令牌的过期时间。" })
  expiresAt!: Date;

  @Field(() => String, {
    description:
      "Gets the next pair of tokens from `refreshToken`. It works once; keep it as safe as a password. 刷新令牌，只能用一次，请妥善保存。",
  })
  refreshToken!: string;

  @Field(() => User, { description: "The user who signed in. 登录的用户。" })
  user!: User;

  @Field(() => Boolean, { description: "True at this person's first sign-in. 是否首次登录（刚注册）。" })
  isNewUser!: boolean;
}
