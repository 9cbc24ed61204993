import type { Viewer } from "../auth/viewer.js";
import type { ImageNormalizer } from "./normalize-image.js";
import { type AvatarDependencies, removeFile, replaceAvatar } from "./replace-avatar.js";
import { type AvatarCheckDependencies, requestAvatarCheck } from "./request-avatar-check.js";
import { newAvatarName } from "./store.js";

export interface UploadDependencies extends AvatarDependencies, AvatarCheckDependencies {
  images: ImageNormalizer;
}

/**
 * Makes an avatar of the file and gives it to the user, and returns its name. The new file is stored before the user's
 * row names it, and the old one removed after, so that whatever fails, every avatar that is named is there.
 * @throws AppError `BAD_USER_INPUT` for a file that is no good image; `RATE_LIMITED` if too many images are waiting; `UNAUTHENTICATED` or `USER_DISABLED` if the session
 *   or the user ended meanwhile; a `WX_…` code if WeChat can't be asked to check the image. Then, and after any other fault, nothing has changed.
 */
export async function uploadAvatar(
  dependencies: UploadDependencies,
  viewer: Viewer,
  file: Uint8Array,
): Promise<string> {
  const { images, log } = dependencies;
  const image = await images.normalize(file, { userId: viewer.user.id, log });
  const name = newAvatarName();
  try {
    await dependencies.avatarStore.put(name, image);
    await requestAvatarCheck(dependencies, viewer, name);
    await replaceAvatar(dependencies, viewer, name);
  } catch (error) {
    if (!(await isUsed(dependencies, viewer, name))) await removeFile(dependencies, name);
    throw error;
  }
  return name;
}

/** Whether the user's row names the file after all: a database that fails may have done its work. If it can't tell, the file stays. */
async function isUsed({ em }: AvatarDependencies, { user }: Viewer, name: string): Promise<boolean> {
  try {
    const statement = "select id from users where id = ? and avatar = ?";
    const rows: unknown[] = await em.getConnection().execute(statement, [user.id, name]);
    return rows.length > 0;
  } catch {
    return true;
  }
}
