import { DeadlockException, UniqueConstraintViolationException } from "@mikro-orm/core";
import type { SqlEntityManager } from "@mikro-orm/sql";
import { findWechatPerson } from "../auth/identities.js";
import { saveUser } from "../auth/save-user.js";
import { findViewer } from "../auth/viewer.js";
import type { Context, Viewer } from "../context.js";
import { statement } from "../database/statement.js";
import { AppError } from "../errors.js";
import type { User } from "../user/user.js";
import { validateCode } from "../wechat/validate-code.js";

/**
 * Gives the user the phone number that WeChat vouches for; to one who has it already nothing is written. The database lets no
 * two users have one number: with `takeOver` it leaves the account that held it.
 * @throws AppError `BAD_USER_INPUT` for an impossible code, `PHONE_TAKEN`, `RATE_LIMITED`, and the `WX_…` codes;
 *   `UNAUTHENTICATED` or `USER_DISABLED` if the session has ended meanwhile
 */
export async function bindPhone(
  context: Context,
  viewer: Viewer,
  { code, takeOver }: { code: string; takeOver: boolean },
): Promise<User> {
  const { wechat, rateLimits, clientAddress, log } = context;
  await rateLimits.consume("bindPhone", { user: viewer.user.id, address: clientAddress, log });
  validateCode(code);
  const { app, openid } = await findWechatPerson(context, viewer);
  const phone = await wechat.exchangePhoneCode(context, app, code, openid);
  if (viewer.user.phone === phone) {
    const { user } = await findViewer(context, { userId: viewer.user.id, sessionId: viewer.session.id });
    if (user.phone === phone) return user;
  }
  try {
    const saved = takeOver ? takeNumber(context, viewer, phone) : saveUser(context, viewer, { phone });
    return Object.assign(viewer.user, await saved);
  } catch (error) {
    if (error instanceof UniqueConstraintViolationException) throw new AppError("PHONE_TAKEN");
    throw error;
  }
}

/** Rounds of taking a number. A lost round means that somebody else has just taken it, or waited for us as we for them. */
const maxRounds = 5;

/** Moves the number from whoever holds it: both accounts change, or none. */
async function takeNumber(context: Context, viewer: Viewer, phone: string, round = 1): Promise<User> {
  const { em, now, log } = context;
  try {
    const { user, holder } = await em.fork().transactional(async (transaction) => ({
      holder: await releaseNumber(transaction, phone, viewer, now()),
      user: await saveUser({ em: transaction, now }, viewer, { phone }),
    }));
    if (holder) log.warn({ userId: user.id, otherUserId: holder }, "a phone number has moved to another account");
    return user;
  } catch (error) {
    const lost = error instanceof UniqueConstraintViolationException || error instanceof DeadlockException;
    if (!lost || round === maxRounds) throw error;
    return takeNumber(context, viewer, phone, round + 1);
  }
}

const releaseHeld = statement("update users set phone = null, updated_at = ? where phone = ? and id <> ? returning id");

/** Takes the number from another user; returns whose it was. */
async function releaseNumber(
  transaction: SqlEntityManager,
  phone: string,
  { user }: Viewer,
  now: Date,
): Promise<unknown> {
  const [holder] = await releaseHeld.rows(transaction, [now, phone, user.id]);
  return holder?.["id"];
}
