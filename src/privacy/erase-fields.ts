import type { SqlEntityManager } from "@mikro-orm/sql";
import { type Actor, recordAct } from "../audit/record-act.js";
import { removeErasedFile } from "../avatar/unused-file.js";
import type { Context } from "../context.js";
import { purgeDeleted } from "../database/wal.js";
import type { FileStore } from "../storage/file-store.js";
import { withFoldedNickname } from "../user/nickname.js";
import { User } from "../user/user.js";
import { lockUser } from "../user/users.js";

type EraseContext = Pick<Context, "em" | "now" | "log"> & {
  avatarStore: Pick<FileStore, "remove">;
  /** Who wants it. */
  by: Actor;
};

/** What WeChat, or an operator, may ask us to erase of a profile. */
export type ErasableField = "nickname" | "email" | "phone" | "address" | "avatar";

/**
 * Erases these fields of a user; what is given is written alongside, in one transaction, and so is the line of the
 * audit log, if there was anything to erase. The avatar that the row has by then
 * goes with them, and its file when that is done; if it can't be removed, the server tries again.
 */
export async function eraseFields(
  context: EraseContext,
  user: Pick<User, "id">,
  fields: readonly ErasableField[],
  alongside: (transaction: SqlEntityManager) => Promise<unknown> = async () => {},
): Promise<void> {
  const { em, now, by } = context;
  const before = await em.fork().transactional(async (transaction) => {
    await alongside(transaction);
    const current = await lockUser(transaction, user.id);
    const held = fields.filter((field) => current?.[field] != null);
    if (held.length === 0) return undefined;
    const changes = Object.fromEntries(held.map((field) => [field, null]));
    await transaction.nativeUpdate(User, { id: user.id }, { ...withFoldedNickname(changes), updatedAt: now() });
    const detail = held.join(", ");
    await recordAct(transaction, now(), { by, act: "erase-fields", userId: user.id, detail });
    return current;
  });
  await purgeDeleted(context);
  if (fields.includes("avatar") && before?.avatar) await removeErasedFile(context, before.avatar);
}
