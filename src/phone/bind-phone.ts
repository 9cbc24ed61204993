import { UniqueConstraintViolationException } from "@mikro-orm/core";
import type { SqlEntityManager } from "@mikro-orm/sql";
import type { Logger } from "pino";
import { findWechatPerson } from "../auth/find-wechat-person.js";
import type { Viewer } from "../auth/viewer.js";
import { AppError } from "../errors.js";
import type { RateLimits } from "../limits/rate-limits.js";
import { saveUser } from "../user/save-user.js";
import type { User } from "../user/user.js";
import { checkCode } from "../wechat/check-code.js";
import type { Wechat } from "../wechat/wechat.js";

interface Dependencies {
  em: SqlEntityManager;
  wechat: Wechat;
  rateLimits: RateLimits;
  now: () => Date;
  log: Logger;
  clientAddress: string;
}

/**
 * Gives the user the phone number that WeChat vouches for. The database lets no two users have one number.
 * @throws AppError `BAD_USER_INPUT` for an impossible code, `PHONE_TAKEN`, `RATE_LIMITED`, and the `WX_…` codes
 */
export async function bindPhone(dependencies: Dependencies, viewer: Viewer, code: string): Promise<User> {
  const { em, wechat, rateLimits, now, log, clientAddress } = dependencies;
  const { id } = viewer.user;
  await rateLimits.consume("bindPhone", { user: id, address: clientAddress, log });
  checkCode(code);
  const { app, openid } = await findWechatPerson({ em, wechat }, viewer);
  const phone = await wechat.exchangePhoneCode(dependencies, app, code, openid);
  try {
    return await saveUser(em, id, { phone, updatedAt: now() });
  } catch (error) {
    if (error instanceof UniqueConstraintViolationException) throw new AppError("PHONE_TAKEN");
    throw error;
  }
}
