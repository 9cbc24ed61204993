import type { SqlEntityManager } from "@mikro-orm/sql";
import { recordAct, wechat } from "../audit/record-act.js";
import { removeErasedFile } from "../avatar/unused-file.js";
import type { Context } from "../context.js";
import { purgeDeleted } from "../database/wal.js";
import type { FileStore } from "../storage/file-store.js";
import { User } from "../user/user.js";
import { lockUser } from "../user/users.js";
import { emptyUser } from "./empty-user.js";
import { tellErasing } from "./tell-erasing.js";

type LeaveContext = Pick<Context, "em" | "now" | "log"> & { avatarStore: Pick<FileStore, "remove"> };

/**
 * Erases a user who has left WeChat, but for what keeps a disabled one out; what is given is written alongside, in one
 * transaction, in which nobody else disables or changes the user, and so is the line of the audit log. The avatar's file goes when that is done; if it can't be
 * removed, the server tries again.
 */
export async function eraseWhoLeft(
  context: LeaveContext,
  userId: string,
  alongside: (transaction: SqlEntityManager) => Promise<unknown>,
): Promise<"erased" | "kept out"> {
  const { em, now } = context;
  const user = await em.fork().transactional(async (transaction) => {
    await alongside(transaction);
    const locked = await lockUser(transaction, userId);
    if (!locked) return null;
    await tellErasing(transaction, userId);
    if (locked.disabledAt) await emptyUser(transaction, userId, now());
    else await transaction.nativeDelete(User, { id: userId });
    const detail = locked.disabledAt ? "has left WeChat; stays out" : "has left WeChat";
    await recordAct(transaction, now(), { by: wechat, act: "delete", userId, detail });
    return locked;
  });
  await purgeDeleted(context);
  if (user?.avatar) await removeErasedFile(context, user.avatar);
  return user?.disabledAt ? "kept out" : "erased";
}
