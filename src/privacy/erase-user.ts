import type { SqlEntityManager } from "@mikro-orm/sql";
import type { Logger } from "pino";
import { reportError } from "../errors.js";
import type { AvatarStore } from "../storage/file-store.js";
import type { User } from "../user/user.js";

interface Dependencies {
  em: SqlEntityManager;
  avatarStore: Pick<AvatarStore, "remove">;
  log: Logger;
}

/** The query builder's deletions return nothing. */
const statement = "delete from users where id = ? returning avatar";

/**
 * Erases a user and everything that belongs to it. False if there is none. It is one statement: identities, unionids and
 * sessions go with the user, by their foreign keys; what is given is written alongside, in one transaction. The avatar's file goes when that is done; if it can't be removed, the
 * log has its name, so that somebody can do it by hand.
 */
export async function eraseUser(
  { em, avatarStore, log }: Dependencies,
  userId: string,
  alongside: (transaction: SqlEntityManager) => Promise<unknown> = async () => {},
): Promise<boolean> {
  const [row] = await em.fork().transactional(async (transaction) => {
    await alongside(transaction);
    return transaction.execute<Pick<User, "avatar">[]>(statement, [userId]);
  });
  if (!row) return false;
  const { avatar } = row;
  if (avatar !== null) {
    await avatarStore.remove(avatar).catch((error: unknown) => {
      log.error(
        { avatar, error: reportError(error) },
        "an erased user's avatar could not be removed: remove it by hand",
      );
    });
  }
  return true;
}
