import type { SqlEntityManager } from "@mikro-orm/sql";
import { refusalOf } from "../auth/save-user.js";
import type { Context, Viewer } from "../context.js";
import { type Row, statement } from "../database/statement.js";
import { describeError } from "../log.js";
import type { FileStore } from "../storage/file-store.js";

type EraseContext = Pick<Context, "em" | "log"> & { avatarStore: Pick<FileStore, "remove"> };

const deleteUser = statement("delete from users where id = ? returning avatar");

const deleteCaller = statement(`
  delete from users where id = ? and disabled_at is null and exists (
    select 1 from sessions where sessions.id = ? and sessions.user_id = users.id and sessions.expires_at > ?
  )
  returning avatar`);

/**
 * Erases a user and everything that belongs to it. False if there is none. It is one statement: identities, unionids and
 * sessions go with the user, by their foreign keys; what is given is written alongside, in one transaction. The avatar's file goes when that is done; if it can't be removed, the
 * log has its name, so that somebody can do it by hand.
 */
export async function eraseUser(
  context: EraseContext,
  userId: string,
  alongside: (transaction: SqlEntityManager) => Promise<unknown> = async () => {},
): Promise<boolean> {
  const [row] = await context.em.fork().transactional(async (transaction) => {
    await alongside(transaction);
    return deleteUser.rows(transaction, [userId]);
  });
  if (!row) return false;
  await removeAvatar(context, row);
  return true;
}

/**
 * Erases the caller in the same way, if the caller's session still stands.
 * @throws AppError `UNAUTHENTICATED` or `USER_DISABLED` if it doesn't
 */
export async function eraseCaller(context: EraseContext & Pick<Context, "now">, viewer: Viewer): Promise<void> {
  const { em, now } = context;
  const [row] = await deleteCaller.rows(em, [viewer.user.id, viewer.session.id, now()]);
  if (!row) throw await refusalOf(em, viewer);
  await removeAvatar(context, row);
}

async function removeAvatar({ avatarStore, log }: EraseContext, { avatar }: Row): Promise<void> {
  if (typeof avatar === "string") {
    await avatarStore.remove(avatar).catch((error: unknown) => {
      log.error(
        { avatar, error: describeError(error) },
        "an erased user's avatar could not be removed: remove it by hand",
      );
    });
  }
}
