import type { SqlEntityManager } from "@mikro-orm/sql";
import { Identity, Unionid } from "../auth/identity.js";
import { sealOf } from "../auth/seal.js";
import { Session } from "../auth/session.js";
import { AvatarCheck } from "../avatar/avatar-check.js";
import { statement } from "../database/statement.js";
import { eraseOwnData } from "./tell-erasing.js";

const emptyProfile = statement(`
  update users set nickname = null, nickname_folded = null, email = null, birthday = null, gender = null, address = null,
    signature = null, phone = null, avatar = null, last_sign_in_on = null, updated_at = ?
  where id = ?`);

/**
 * Erases a disabled user's data but for what keeps the person out: the row, empty, and seals in place of openids and
 * unionids. The avatar's file is left over.
 */
export async function emptyUser(transaction: SqlEntityManager, userId: string, now: Date): Promise<void> {
  await emptyProfile.run(transaction, [now, userId]);
  await sealIdentities(transaction, userId);
  await transaction.nativeUpdate(Session, { user: userId }, { endReason: "disabled" });
  await transaction.nativeDelete(AvatarCheck, { user: userId });
  await eraseOwnData(transaction, userId);
}

async function sealIdentities(transaction: SqlEntityManager, user: string): Promise<void> {
  for (const { appId, openid } of await transaction.find(Identity, { user })) {
    await transaction.nativeUpdate(Identity, { appId, openid }, { openid: sealOf(appId, openid) });
  }
  for (const { unionid } of await transaction.find(Unionid, { user })) {
    await transaction.nativeUpdate(Unionid, { unionid }, { unionid: sealOf("", unionid) });
  }
}
