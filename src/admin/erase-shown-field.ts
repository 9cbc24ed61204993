import type { Context } from "../context.js";
import { eraseFields } from "../privacy/erase-fields.js";
import type { FileStore } from "../storage/file-store.js";
import { lockUser } from "../user/users.js";
import { type ActContext, refuseIfStale, StaleError } from "./act-context.js";

type EraseContext = ActContext & Pick<Context, "log"> & { avatarStore: Pick<FileStore, "remove"> };

/**
 * Frees a user's phone number for others, or removes the avatar, as it was when the operator saw it. The audit log has a line if
 * there was one.
 * @throws StaleError if the user has changed it since, or another operator the user
 */
export async function eraseShownField(
  context: EraseContext,
  userId: string,
  field: "phone" | "avatar",
  shownAt: Date,
): Promise<void> {
  await eraseFields(context, { id: userId }, [field], async (transaction) => {
    await refuseIfStale(transaction, context, userId);
    const current = await lockUser(transaction, userId);
    if (current && current.updatedAt.getTime() !== shownAt.getTime()) throw new StaleError();
  });
}
