import { LockMode } from "@mikro-orm/core";
import type { SqlEntityManager } from "@mikro-orm/sql";
import type { Context } from "../context.js";
import { purgeDeleted } from "../database/wal.js";
import type { FileStore } from "../storage/file-store.js";
import { User } from "../user/user.js";

type EraseContext = Pick<Context, "em" | "now" | "log"> & { avatarStore: Pick<FileStore, "remove"> };

/** What WeChat may ask us to erase of a profile. */
export type ErasableField = "nickname" | "email" | "phone" | "address" | "avatar";

/**
 * Erases these fields of a user, and the avatar's file with it; what is given is written alongside, in one transaction. The
 * file goes first, since a name whose file is gone harms nobody; of an upload that comes in between, the new avatar goes too.
 */
export async function eraseFields(
  { em, avatarStore, now, log }: EraseContext,
  user: User,
  fields: readonly ErasableField[],
  alongside: (transaction: SqlEntityManager) => Promise<unknown> = async () => {},
): Promise<void> {
  const isAvatarErased = fields.includes("avatar");
  if (isAvatarErased && user.avatar !== null) await avatarStore.remove(user.avatar);
  await em.fork().transactional(async (transaction) => {
    await alongside(transaction);
    const current = await transaction.findOne(User, user.id, freshAndLocked);
    if (!current) return;
    if (isAvatarErased && current.avatar !== null && current.avatar !== user.avatar) {
      await avatarStore.remove(current.avatar);
    }
    const changes = Object.fromEntries(fields.filter((field) => current[field] !== null).map((field) => [field, null]));
    if (Object.keys(changes).length === 0) return;
    await transaction.nativeUpdate(User, { id: user.id }, { ...changes, updatedAt: now() });
  });
  await purgeDeleted({ em, log });
}

/** Nobody else changes the row until the transaction ends, and the transaction itself writes nothing of what was read. */
const freshAndLocked = { lockMode: LockMode.PESSIMISTIC_WRITE, disableIdentityMap: true } as const;
