import { Arg, Ctx, ID, Int, Mutation, Query, Resolver } from "type-graphql";
import type { Context } from "../context.js";
import { LoginPayload } from "./login-payload.js";
import { refreshSession } from "./refresh-session.js";
import { SessionType } from "./session-type.js";
import { endAllSessions, endSession, listSessions } from "./sessions.js";
import { signIn } from "./sign-in.js";
import { countedViewer } from "./viewer.js";

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
    context.metrics.login(payload.isNewUser);
    context.logLine.userId = payload.user.id;
    return payload;
  }

  @Mutation(() => LoginPayload, {
    description:
      "Exchanges a refresh token for the next pair of tokens. If the answer got lost, the same token may be sent again within ten seconds and gets the same successor; any other second use ends the session with `REFRESH_TOKEN_INVALID`. 用刷新令牌换取新的一对令牌。",
  })
  async refreshToken(
    @Arg("refreshToken", () => String, { description: "The latest refresh token. 最近一次得到的刷新令牌。" })
    refreshToken: string,
    @Ctx() context: Context,
  ): Promise<LoginPayload> {
    const payload = await refreshSession(context, refreshToken);
    context.logLine.userId = payload.user.id;
    return payload;
  }

  @Query(() => [SessionType], { description: "The devices on which the caller is signed in. 当前用户已登录的设备。" })
  async mySessions(@Ctx() context: Context): Promise<SessionType[]> {
    return listSessions(context, await countedViewer(context));
  }

  @Mutation(() => Boolean, {
    description: "Ends this session; its tokens stop working at once. 退出登录，令牌立即失效。",
  })
  async logout(@Ctx() context: Context): Promise<boolean> {
    const viewer = await context.viewer();
    return endSession(context, viewer, viewer.session.id);
  }

  @Mutation(() => Int, {
    description: "Ends all sessions of the caller, this one too; returns how many. 退出全部设备，返回结束的会话数。",
  })
  async logoutEverywhere(@Ctx() context: Context): Promise<number> {
    const { user } = await context.viewer();
    return endAllSessions(context, user.id, "logout");
  }

  @Mutation(() => Boolean, {
    description: "Ends one of the caller's sessions. False if there is none with this id. 让某一台设备退出登录。",
  })
  async revokeSession(
    @Arg("id", () => ID, { description: "From `mySessions`. `mySessions` 里的会话 ID。" }) id: string,
    @Ctx() context: Context,
  ): Promise<boolean> {
    return endSession(context, await context.viewer(), id);
  }
}
