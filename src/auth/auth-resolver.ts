import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import type { Context } from "../context.js";
import { LoginPayload } from "./login-payload.js";
import { signIn } from "./sign-in.js";

@Resolver()
export class AuthResolver {
  @Mutation(() => LoginPayload, {
    description:
      "Signs in with the one-time code of `wx.login`; the first sign-in makes the account. A code works once, for five minutes: after an error whose `retry` is `NEW_CODE`, call `wx.login` again. 用 `wx.login` 得到的 code 登录，首次登录自动注册。",
  })
  async wxLogin(
    @Arg("code", () => String, { description: "The `code` that `wx.login` gave. `wx.login` 返回的 code。" })
    code: string,
    @Arg("appId", () => String, {
      nullable: true,
      description:
        "Which mini-program the code is from. Without it, the `Referer` that WeChat sends tells, else the first configured app is meant. 小程序的 AppID，可不传。",
    })
    appId: string | undefined,
    @Ctx() context: Context,
  ): Promise<LoginPayload> {
    const payload = await signIn(context, { code, appId: appId ?? undefined });
    context.report.userId = payload.user.id;
    return payload;
  }
}
