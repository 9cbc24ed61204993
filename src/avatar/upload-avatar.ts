import type { SqlEntityManager } from "@mikro-orm/sql";
import type { Context, Viewer } from "../context.js";
import { statement } from "../database/statement.js";
import { describeError } from "../log.js";
import { newFileName } from "../storage/file-store.js";
import { replaceAvatar } from "./replace-avatar.js";
import { awaitVerdict, requestAvatarCheck } from "./request-avatar-check.js";
import { announceFile } from "./unused-file.js";

/**
 * Makes an avatar of the file and gives it to the user, and returns its name. The name is written down before the file is
 * stored, the new file stored before the user's row names it, and the old one removed after, so that whatever fails, every
 * avatar that is named is there, and every file that is there is known.
 * @throws AppError `BAD_USER_INPUT` for a file that is no good image; `RATE_LIMITED` if too many images are waiting; `CONTENT_REJECTED` if WeChat is quick to call it risky;
 *   `UNAUTHENTICATED` or `USER_DISABLED` if the session or the user ended meanwhile; a `WX_…` code if WeChat can't be asked
 *   to check the image. Then, and after any other fault, nothing has changed.
 */
export async function uploadAvatar(context: Context, viewer: Viewer, file: Uint8Array): Promise<string> {
  const image = await context.images.normalize(file, { userId: viewer.user.id, log: context.log });
  const name = newFileName();
  await announceFile(context, name);
  try {
    await context.avatarStore.put(name, image);
    const traceId = await requestAvatarCheck(context, viewer, name);
    await replaceAvatar(
      context,
      viewer,
      name,
      traceId === undefined ? undefined : waiting(context, viewer, traceId, name),
    );
  } catch (error) {
    if (!(await isUsed(context, viewer, name))) await discard(context, name);
    throw error;
  }
  return name;
}

const waiting =
  (context: Context, { user }: Viewer, traceId: string, avatar: string) =>
  (transaction: SqlEntityManager): Promise<void> =>
    awaitVerdict(transaction, context, { traceId, userId: user.id, avatar });

/** The name stays written down for its day: a storage that answered too late may store the file yet. */
async function discard({ avatarStore, log }: Context, name: string): Promise<void> {
  await avatarStore.remove(name).catch((error: unknown) => {
    log.warn(
      { error: describeError(error) },
      "the file of an upload that failed could not be removed: it is tried again",
    );
  });
}

const usersOfAvatar = statement("select id from users where id = ? and avatar = ?");

/** Whether the user's row names the file after all: a database that fails may have done its work. If it can't tell, the file stays. */
async function isUsed({ em }: Context, { user }: Viewer, name: string): Promise<boolean> {
  try {
    return (await usersOfAvatar.rows(em, [user.id, name])).length > 0;
  } catch {
    return true;
  }
}
