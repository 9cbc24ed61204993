import type { SqlEntityManager } from "@mikro-orm/sql";
import type { Logger } from "pino";
import { findViewer, type Viewer } from "../auth/viewer.js";
import { reportError } from "../errors.js";
import type { AvatarStore } from "../storage/file-store.js";
import { User } from "../user/user.js";

export interface AvatarDependencies {
  em: SqlEntityManager;
  avatarStore: AvatarStore;
  now: () => Date;
  log: Logger;
}

const statement = `
  update users set avatar = ?, updated_at = ?
  where id = ? and avatar is not distinct from ? and disabled_at is null and exists (
    select 1 from sessions where sessions.id = ? and sessions.user_id = users.id and sessions.expires_at > ?
  )
  returning *`;

/**
 * Gives the user another avatar, or none, and removes the old one's file. Of several at once the last one stays, and no
 * file of the others.
 * @throws AppError what {@link findViewer} throws, if the session has ended meanwhile; then nothing has changed
 */
export async function replaceAvatar(
  dependencies: AvatarDependencies,
  { user, session }: Viewer,
  name: string | null,
): Promise<User> {
  const { em, now } = dependencies;
  const old = user.avatar;
  if (old === name) return user;
  const parameters = [name, now(), user.id, old, session.id, now()];
  const [row] = await em.getConnection().execute(statement, parameters);
  if (!row) {
    const viewer = await findViewer(em, { userId: user.id, sessionId: session.id }, now());
    return replaceAvatar(dependencies, viewer, name);
  }
  if (old !== null) await removeFile(dependencies, old);
  return em.map(User, row);
}

/** Removes a file that nothing refers to any more. If that fails the file stays, which harms nobody. */
export async function removeFile({ avatarStore, log }: AvatarDependencies, name: string): Promise<void> {
  try {
    await avatarStore.remove(name);
  } catch (error) {
    log.warn(
      { avatar: name, error: reportError(error) },
      "an avatar's file that is no longer used could not be removed",
    );
  }
}
