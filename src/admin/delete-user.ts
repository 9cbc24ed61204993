import { recordAct } from "../audit/record-act.js";
import type { Context } from "../context.js";
import { eraseUser } from "../privacy/erase-user.js";
import type { FileStore } from "../storage/file-store.js";
import { type ActContext, refuseIfStale } from "./act-context.js";

type DeleteContext = ActContext & Pick<Context, "log"> & { avatarStore: Pick<FileStore, "remove"> };

/** Erases a user for good; false if there is none. Of the user, the audit log keeps the id. */
export async function deleteUser(context: DeleteContext, userId: string, reason?: string): Promise<boolean> {
  const { now, by } = context;
  return eraseUser(context, userId, async (transaction) => {
    await refuseIfStale(transaction, context, userId);
    await recordAct(transaction, now(), { by, act: "delete", userId, detail: reason });
  });
}
