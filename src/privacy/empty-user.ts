import type { SqlEntityManager } from "@mikro-orm/sql";
import { Identity, Unionid } from "../auth/identity.js";
import { sealOf } from "../auth/seal.js";
import { Session } from "../auth/session.js";
import { AvatarCheck } from "../avatar/avatar-check.js";
import type { Context } from "../context.js";
import { statement } from "../database/statement.js";
import type { FileStore } from "../storage/file-store.js";

type EmptyContext = Pick<Context, "em" | "now"> & { avatarStore: Pick<FileStore, "remove"> };

const disabledUser = statement("select avatar from users where id = ? and disabled_at is not null");

const emptyProfile = statement(`
  update users set nickname = null, email = null, birthday = null, gender = null, address = null, signature = null,
    phone = null, avatar = null, updated_at = ?
  where id = ? and disabled_at is not null`);

/**
 * Erases a disabled user's data but for what keeps the person out: the row, empty, and seals in place of openids and
 * unionids. What is given is written alongside, in one transaction. The avatar's file goes first. False if the user isn't disabled.
 */
export async function emptyDisabledUser(
  { em, now, avatarStore }: EmptyContext,
  userId: string,
  alongside: (transaction: SqlEntityManager) => Promise<unknown>,
): Promise<boolean> {
  const [row] = await disabledUser.rows(em, [userId]);
  if (!row) return false;
  if (typeof row["avatar"] === "string") await avatarStore.remove(row["avatar"]);
  return em.fork().transactional(async (transaction) => {
    if ((await emptyProfile.run(transaction, [now(), userId])) === 0) return false;
    await alongside(transaction);
    await sealIdentities(transaction, userId);
    await transaction.nativeDelete(Session, { user: userId });
    await transaction.nativeDelete(AvatarCheck, { user: userId });
    return true;
  });
}

async function sealIdentities(transaction: SqlEntityManager, user: string): Promise<void> {
  for (const { appId, openid } of await transaction.find(Identity, { user })) {
    await transaction.nativeUpdate(Identity, { appId, openid }, { openid: sealOf(appId, openid) });
  }
  for (const { unionid } of await transaction.find(Unionid, { user })) {
    await transaction.nativeUpdate(Unionid, { unionid }, { unionid: sealOf("", unionid) });
  }
}
