import type { SqlEntityManager } from "@mikro-orm/sql";
import type { Context } from "../context.js";
import { statement } from "../database/statement.js";
import { describeError } from "../log.js";
import type { FileStore } from "../storage/file-store.js";

type EraseContext = Pick<Context, "em" | "log"> & { avatarStore: Pick<FileStore, "remove"> };

const deleteUser = statement("delete from users where id = ? returning avatar");

/**
 * Erases a user and everything that belongs to it. False if there is none. It is one statement: identities, unionids and
 * sessions go with the user, by their foreign keys; what is given is written alongside, in one transaction. The avatar's file goes when that is done; if it can't be removed, the
 * log has its name, so that somebody can do it by hand.
 */
export async function eraseUser(
  { em, avatarStore, log }: EraseContext,
  userId: string,
  alongside: (transaction: SqlEntityManager) => Promise<unknown> = async () => {},
): Promise<boolean> {
  const [row] = await em.fork().transactional(async (transaction) => {
    await alongside(transaction);
    return deleteUser.rows(transaction, [userId]);
  });
  if (!row) return false;
  const { avatar } = row;
  if (typeof avatar === "string") {
    await avatarStore.remove(avatar).catch((error: unknown) => {
      log.error(
        { avatar, error: describeError(error) },
        "an erased user's avatar could not be removed: remove it by hand",
      );
    });
  }
  return true;
}
