import { UniqueConstraintViolationException } from "@mikro-orm/core";
import { findWechatPerson } from "../auth/identities.js";
import type { Context, Viewer } from "../context.js";
import { AppError } from "../errors.js";
import type { User } from "../user/user.js";
import { saveUser } from "../user/users.js";
import { validateCode } from "../wechat/validate-code.js";

/**
 * Gives the user the phone number that WeChat vouches for. The database lets no two users have one number.
 * @throws AppError `BAD_USER_INPUT` for an impossible code, `PHONE_TAKEN`, `RATE_LIMITED`, and the `WX_…` codes
 */
export async function bindPhone(context: Context, viewer: Viewer, code: string): Promise<User> {
  const { em, wechat, rateLimits, now, clientAddress, log } = context;
  const { id } = viewer.user;
  await rateLimits.consume("bindPhone", { user: id, address: clientAddress, log });
  validateCode(code);
  const { app, openid } = await findWechatPerson(context, viewer);
  const phone = await wechat.exchangePhoneCode(context, app, code, openid);
  try {
    return await saveUser(em, id, { phone, updatedAt: now() });
  } catch (error) {
    if (error instanceof UniqueConstraintViolationException) throw new AppError("PHONE_TAKEN");
    throw error;
  }
}
