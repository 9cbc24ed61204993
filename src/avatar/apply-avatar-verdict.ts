import type { SqlEntityManager } from "@mikro-orm/sql";
import type { Context } from "../context.js";
import { User } from "../user/user.js";
import type { Verdict } from "../wechat/verdict.js";
import { AvatarCheck } from "./avatar-check.js";
import { removeUnusedFile } from "./unused-file.js";

/**
 * Removes an avatar that WeChat calls risky, unless the user has replaced it, and forgets the check; what is given is
 * written alongside, in one transaction. Nobody is shown the avatar from the first write on. A file that can't be removed is
 * a failure, which is made good when WeChat repeats the verdict, or by the sweep of unused files.
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
  if (isRisky) {
    await em.fork().nativeUpdate(User, { id: user.id, avatar }, { avatar: null, updatedAt: now() });
    await removeUnusedFile({ em, avatarStore }, avatar);
  }
  await em.fork().transactional(async (transaction) => {
    await alongside(transaction);
    await transaction.nativeDelete(AvatarCheck, { traceId });
  });
  if (isRisky) log.warn(details, "WeChat calls an avatar risky: it was removed");
  if (verdict?.suggest === "review") log.warn(details, "WeChat wants a person to review an avatar; it stays");
  if (!verdict) log.error(details, "WeChat could not check an avatar; it stays: can WeChat fetch from PUBLIC_URL?");
}
