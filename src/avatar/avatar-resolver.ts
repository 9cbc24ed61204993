import { Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { countedViewer } from "../auth/viewer.js";
import type { Context } from "../context.js";
import { User } from "../user/user.js";
import { replaceAvatar } from "./replace-avatar.js";

@Resolver(() => User)
export class AvatarResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description:
      "Where the avatar is: a JPEG of 512×512. It changes with every upload to `POST /avatar`. 头像地址，512×512 的 JPEG，用 `POST /avatar` 上传。",
  })
  avatarUrl(@Root() user: User, @Ctx() { avatarStore }: Context): string | null {
    return user.avatar === null ? null : avatarStore.url(user.avatar);
  }

  @Mutation(() => User, { description: "Removes the caller's avatar, if there is one. 删除当前用户的头像。" })
  async removeAvatar(@Ctx() context: Context): Promise<User> {
    return replaceAvatar(context, await countedViewer(context), null);
  }
}
