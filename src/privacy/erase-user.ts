import type { SqlEntityManager } from "@mikro-orm/sql";
import { refusalOf } from "../auth/save-user.js";
import { removeErasedFile } from "../avatar/unused-file.js";
import type { Context, Viewer } from "../context.js";
import { type Row, statement } from "../database/statement.js";
import { purgeDeleted } from "../database/wal.js";
import type { FileStore } from "../storage/file-store.js";
import { ownDataOf } from "../user/own-data.js";
import { tellErasing } from "./tell-erasing.js";

type EraseContext = Pick<Context, "em" | "log"> & { avatarStore: Pick<FileStore, "remove"> };

const deleteUser = statement("delete from users where id = ? returning avatar");

const deleteCaller = statement(`
  delete from users where id = ? and disabled_at is null and exists (
    select 1 from sessions where sessions.id = ? and sessions.user_id = users.id and sessions.expires_at > ?
  )
  returning avatar`);

/**
 * Erases a user and everything that belongs to it; what is given is written alongside, in one transaction. False if there is no
 * such user. It is one statement: identities, unionids and sessions go with the user, by their foreign keys. The avatar's file
 * goes when that is done; if it can't be removed, the server tries again.
 */
export async function eraseUser(
  context: EraseContext,
  userId: string,
  alongside: (transaction: SqlEntityManager) => Promise<unknown> = async () => {},
): Promise<boolean> {
  const row = await context.em.fork().transactional(async (transaction) => {
    await tellErasing(transaction, userId);
    const [erased] = await deleteUser.rows(transaction, [userId]);
    if (erased) await alongside(transaction);
    return erased;
  });
  if (!row) return false;
  await finish(context, row);
  return true;
}

/**
 * Erases the caller in the same way, if the caller's session still stands.
 * @throws AppError `UNAUTHENTICATED` or `USER_DISABLED` if it doesn't
 */
export async function eraseCaller(context: EraseContext & Pick<Context, "now">, viewer: Viewer): Promise<void> {
  const { em, now } = context;
  const values = [viewer.user.id, viewer.session.id, now()];
  const [row] = ownDataOf(em).userErasing
    ? await em.fork().transactional(async (transaction) => {
        await tellErasing(transaction, viewer.user.id);
        const rows = await deleteCaller.rows(transaction, values);
        if (rows.length === 0) throw await refusalOf(transaction, viewer);
        return rows;
      })
    : await deleteCaller.rows(em, values);
  if (!row) throw await refusalOf(em, viewer);
  await finish(context, row);
}

/** What follows when the row is gone: its traces on the disk, and the avatar's file. */
async function finish(context: EraseContext, { avatar }: Row): Promise<void> {
  await purgeDeleted(context);
  if (typeof avatar === "string") await removeErasedFile(context, avatar);
}
