import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { saveUser } from "../auth/save-user.js";
import { countedViewer } from "../auth/viewer.js";
import type { Context } from "../context.js";
import { purgeDeleted } from "../database/wal.js";
import { User } from "../user/user.js";
import { bindPhone } from "./bind-phone.js";

@Resolver()
export class PhoneResolver {
  @Mutation(() => User, {
    description:
      'Binds the phone number that WeChat vouches for, with the code of `<button open-type="getPhoneNumber">`. A number belongs to one account: `PHONE_TAKEN`, unless `takeOver` moves it. 用手机号按钮返回的 code 绑定手机号，一个号码只能属于一个账号。',
  })
  async bindPhone(
    @Arg("code", () => String, {
      description: "The button's own `code`, not that of `wx.login`. 手机号按钮返回的 code，不是 `wx.login` 的。",
    })
    code: string,
    @Arg("takeOver", () => Boolean, {
      defaultValue: false,
      description:
        "Whether the number leaves the account that holds it, as WeChat vouches for the caller now: for second-hand numbers, after asking. 号码已属于其他账号时，是否转到当前账号（用于二次放号，请先征得用户同意）。",
    })
    takeOver: boolean,
    @Ctx() context: Context,
  ): Promise<User> {
    return bindPhone(context, await context.viewer(), { code, takeOver });
  }

  @Mutation(() => User, { description: "Removes the phone number from the account. 解绑手机号。" })
  async unbindPhone(@Ctx() context: Context): Promise<User> {
    const viewer = await countedViewer(context);
    if (viewer.user.phone === null) return viewer.user;
    const changed = await saveUser(context, viewer, { phone: null });
    await purgeDeleted(context);
    return Object.assign(viewer.user, changed);
  }
}
