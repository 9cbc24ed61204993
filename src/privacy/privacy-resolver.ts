import { Ctx, Mutation, Query, Resolver } from "type-graphql";
import { countedViewer } from "../auth/viewer.js";
import type { Context } from "../context.js";
import { AppError } from "../errors.js";
import { JSONObject } from "../user/scalars.js";
import { eraseUser } from "./erase-user.js";
import { exportUser, type UserExport } from "./export-user.js";

@Resolver()
export class PrivacyResolver {
  @Query(() => JSONObject, {
    description:
      "Everything that is held about the caller and nothing about anybody else, with times in ISO 8601; the README shows the shape. 导出本服务保存的与当前用户有关的全部数据，格式见 README。",
  })
  async exportMyData(@Ctx() context: Context): Promise<UserExport> {
    const { user } = await countedViewer(context);
    const found = await exportUser(context, user.id);
    if (!found) throw new AppError("UNAUTHENTICATED");
    return found;
  }

  @Mutation(() => Boolean, {
    description:
      "Erases the caller's account and everything that belongs to it, for good; all tokens stop working. Signing in again makes a new account. 注销账号：彻底删除当前用户的全部数据，令牌立即失效；再次登录会注册新账号。",
  })
  async deleteAccount(@Ctx() context: Context): Promise<boolean> {
    const { user } = await countedViewer(context);
    await eraseUser(context, user.id);
    return true;
  }
}
