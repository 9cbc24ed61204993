import { Arg, Ctx, Mutation, Query, Resolver } from "type-graphql";
import type { Context } from "../context.js";
import { User } from "../user/user.js";
import { updateProfile } from "./update-profile.js";
import { UpdateProfileInput } from "./update-profile-input.js";

@Resolver()
export class ProfileResolver {
  @Query(() => User, {
    description: "The caller's own account. Needs an access token. 当前登录的用户，需要 access token。",
  })
  async me(@Ctx() context: Context): Promise<User> {
    return (await context.viewer()).user;
  }

  @Mutation(() => User, {
    description:
      "Changes the caller's profile: a field left out stays, `null` clears it. A value that breaks a rule is answered with `BAD_USER_INPUT` naming the field, a text that WeChat's content check refuses with `CONTENT_REJECTED`, and nothing changes. 修改当前用户的资料。",
  })
  async updateProfile(
    @Arg("input", () => UpdateProfileInput, { description: "What to change. 要修改的字段。" })
    input: UpdateProfileInput,
    @Ctx() context: Context,
  ): Promise<User> {
    return updateProfile(context, await context.viewer(), input);
  }
}
