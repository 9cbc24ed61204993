import type { Context } from "../context.js";
import { purgeDeleted } from "../database/wal.js";
import type { FileStore } from "../storage/file-store.js";
import { User } from "../user/user.js";

type EraseContext = Pick<Context, "em" | "now" | "log"> & { avatarStore: Pick<FileStore, "remove"> };

/** What WeChat may ask us to erase of a profile. */
export type ErasableField = "nickname" | "email" | "phone" | "address" | "avatar";

/** Erases these fields of a user, and the avatar's file with it. */
export async function eraseFields(context: EraseContext, user: User, fields: readonly ErasableField[]): Promise<void> {
  const { em, now } = context;
  const texts = fields.filter((field) => field !== "avatar" && user[field] !== null);
  const changes = Object.fromEntries(texts.map((field) => [field, null]));
  if (texts.length > 0) await em.nativeUpdate(User, { id: user.id }, { ...changes, updatedAt: now() });
  if (fields.includes("avatar")) await eraseAvatar(context, user.id, user.avatar);
  await purgeDeleted(context);
}

/** Of an upload that comes in between, the new avatar goes too. The file goes last, but a name whose file is gone harms nobody. */
async function eraseAvatar(context: EraseContext, id: string, avatar: string | null): Promise<void> {
  const { em, avatarStore, now } = context;
  if (avatar === null) return;
  await avatarStore.remove(avatar);
  const erased = await em.nativeUpdate(User, { id, avatar }, { avatar: null, updatedAt: now() });
  if (erased > 0) return;
  const user = await em.fork().findOne(User, id);
  if (user) await eraseAvatar(context, id, user.avatar);
}
