import { Arg, Ctx, Mutation, Query, Resolver } from "type-graphql";
import { reauthenticate } from "../auth/identify.js";
import { countedViewer } from "../auth/viewer.js";
import type { Context } from "../context.js";
import { AppError } from "../errors.js";
import { JSONObject } from "../user/scalars.js";
import { eraseCaller } from "./erase-user.js";
import { exportUser, type UserExport } from "./export-user.js";

const codeDescription =
  "A fresh code of `wx.login`, of the caller's own, which proves who holds the phone: anybody else's is `REAUTHENTICATION_REQUIRED`, and so is none if the server demands it. 本人新的 `wx.login` code，用于再次确认身份。";

@Resolver()
export class PrivacyResolver {
  @Query(() => JSONObject, {
    description:
      "Everything that is held about the caller and nothing about anybody else, with times in ISO 8601; docs/api.md shows the shape. 导出本服务保存的与当前用户有关的全部数据，格式见 docs/api.zh-CN.md。",
  })
  async exportMyData(
    @Arg("code", () => String, { nullable: true, description: codeDescription }) code: string | null | undefined,
    @Ctx() context: Context,
  ): Promise<UserExport> {
    const { user } = await reauthenticate(context, await countedViewer(context), code);
    const found = await exportUser(context, user.id);
    if (!found) throw new AppError("UNAUTHENTICATED");
    return found;
  }

  @Mutation(() => Boolean, {
    description:
      "Erases the caller's account and everything that belongs to it, for good; all tokens stop working. Signing in again makes a new account. 注销账号：彻底删除当前用户的全部数据，令牌立即失效；再次登录会注册新账号。",
  })
  async deleteAccount(
    @Arg("code", () => String, { nullable: true, description: codeDescription }) code: string | null | undefined,
    @Ctx() context: Context,
  ): Promise<boolean> {
    await eraseCaller(context, await reauthenticate(context, await countedViewer(context), code));
    return true;
  }
}
