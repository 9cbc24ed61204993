import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { countedViewer } from "../auth/viewer.js";
import type { Context } from "../context.js";
import { purgeDeleted } from "../database/wal.js";
import { User } from "../user/user.js";
import { saveUser } from "../user/users.js";
import { bindPhone } from "./bind-phone.js";

@Resolver()
export class PhoneResolver {
  @Mutation(() => User, {
    description:
      'Binds the phone number that WeChat vouches for, with the code of `<button open-type="getPhoneNumber">`. A number belongs to one account: `PHONE_TAKEN`. 用手机号按钮返回的 code 绑定手机号，一个号码只能属于一个账号。',
  })
  async bindPhone(
    @Arg("code", () => String, {
      description: "The button's own `code`, not that of `wx.login`. 手机号按钮返回的 code，不是 `wx.login` 的。",
    })
    code: string,
    @Ctx() context: Context,
  ): Promise<User> {
    return bindPhone(context, await context.viewer(), code);
  }

  @Mutation(() => User, { description: "Removes the phone number from the account. 解绑手机号。" })
  async unbindPhone(@Ctx() context: Context): Promise<User> {
    const { user } = await countedViewer(context);
    if (user.phone === null) return user;
    const changed = await saveUser(context.em, user.id, { phone: null, updatedAt: context.now() });
    await purgeDeleted(context);
    return Object.assign(user, changed);
  }
}
