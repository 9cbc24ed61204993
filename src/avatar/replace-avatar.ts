import type { SqlEntityManager } from "@mikro-orm/sql";
import { findViewer } from "../auth/viewer.js";
import type { Context, Viewer } from "../context.js";
import { statement } from "../database/statement.js";
import { describeError } from "../log.js";
import type { User } from "../user/user.js";
import { findUser } from "../user/users.js";
import { removeUnusedFile } from "./unused-file.js";

type AvatarContext = Pick<Context, "em" | "wechat" | "avatarStore" | "now" | "log">;

const giveAvatar = statement(`
  update users set avatar = ?, updated_at = ?
  where id = ? and avatar is not distinct from ? and disabled_at is null and exists (
    select 1 from sessions where sessions.id = ? and sessions.user_id = users.id and sessions.expires_at > ?
  )
  returning *`);

/**
 * Gives the user another avatar, or none, and removes the old one's file. Of several at once the last one stays, and no
 * file of the others. What is given is written alongside, in one transaction.
 * @throws AppError what {@link findViewer} throws, if the session has ended meanwhile, and what `alongside` throws; then
 *   nothing has changed
 */
export async function replaceAvatar(
  context: AvatarContext,
  { user, session }: Viewer,
  name: string | null,
  alongside?: (transaction: SqlEntityManager) => Promise<unknown>,
): Promise<User> {
  const { em, now } = context;
  const old = user.avatar;
  if (old === name) return user;
  const give = (on: SqlEntityManager) => findUser(on, giveAvatar, [name, now(), user.id, old, session.id, now()]);
  const changed = await (alongside ? giveWith(em, give, alongside) : give(em));
  if (!changed) {
    const viewer = await findViewer(context, { userId: user.id, sessionId: session.id });
    return replaceAvatar(context, viewer, name, alongside);
  }
  if (old !== null) await removeFile(context, old);
  return changed;
}

/** Both are written, or nothing. */
function giveWith<Given>(
  em: SqlEntityManager,
  give: (transaction: SqlEntityManager) => Promise<Given | undefined>,
  alongside: (transaction: SqlEntityManager) => Promise<unknown>,
): Promise<Given | undefined> {
  return em.fork().transactional(async (transaction) => {
    const given = await give(transaction);
    if (given) await alongside(transaction);
    return given;
  });
}

async function removeFile(context: AvatarContext, name: string): Promise<void> {
  try {
    await removeUnusedFile(context, name);
  } catch (error) {
    context.log.warn(
      { avatar: name, error: describeError(error) },
      "an avatar's file that is no longer used could not be removed: it is tried again",
    );
  }
}
