import type { SqlEntityManager } from "@mikro-orm/sql";
import { removeUnusedFile } from "../avatar/unused-file.js";
import type { Context } from "../context.js";
import { statement } from "../database/statement.js";
import { purgeDeleted } from "../database/wal.js";
import { describeError } from "../log.js";
import type { FileStore } from "../storage/file-store.js";

type EraseContext = Pick<Context, "em" | "log"> & { avatarStore: Pick<FileStore, "remove"> };

const deleteUser = statement("delete from users where id = ? returning avatar");

/**
 * Erases a user and everything that belongs to it. False if there is none. It is one statement: identities, unionids and
 * sessions go with the user, by their foreign keys; what is given is written alongside, in one transaction. The avatar's file
 * goes when that is done; if it can't be removed, the server tries again.
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
  await purgeDeleted({ em, log });
  const { avatar } = row;
  if (typeof avatar === "string") {
    await removeUnusedFile({ em, avatarStore }, avatar).catch((error: unknown) => {
      log.error({ error: describeError(error) }, "an erased user's avatar could not be removed: it is tried again");
    });
  }
  return true;
}
