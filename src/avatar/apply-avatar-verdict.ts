import type { SqlEntityManager } from "@mikro-orm/sql";
import type { Context } from "../context.js";
import { User } from "../user/user.js";
import type { Verdict } from "../wechat/verdict.js";
import { AvatarCheck } from "./avatar-check.js";

/**
 * Removes an avatar that WeChat calls risky, unless the user has replaced it, and forgets the check; what is given is
 * written alongside, in one transaction. The file goes first, so that a failure is made good when WeChat repeats the verdict.
 */
export async function applyAvatarVerdict(
  { em, avatarStore, now, log }: Pick<Context, "em" | "avatarStore" | "now" | "log">,
  traceId: string,
  verdict: Verdict | undefined,
  alongside: (transaction: SqlEntityManager) => Promise<unknown>,
): Promise<void> {
  const check = await em.fork().findOne(AvatarCheck, { traceId });
  if (!check) return log.info("a verdict of WeChat's is on an image that nobody here waits for");
  const { avatar, user } = check;
  const details = { userId: user.id, label: verdict?.label };
  const isRisky = verdict?.suggest === "risky";
  if (isRisky) await avatarStore.remove(avatar);
  await em.fork().transactional(async (transaction) => {
    await alongside(transaction);
    const changes = { avatar: null, updatedAt: now() };
    if (isRisky) await transaction.nativeUpdate(User, { id: user.id, avatar }, changes);
    await transaction.nativeDelete(AvatarCheck, { traceId });
  });
  if (isRisky) log.warn(details, "WeChat calls an avatar risky: it was removed");
  if (verdict?.suggest === "review") log.warn(details, "WeChat wants a person to review an avatar; it stays");
  if (!verdict) log.error(details, "WeChat could not check an avatar; it stays: can WeChat fetch from PUBLIC_URL?");
}
