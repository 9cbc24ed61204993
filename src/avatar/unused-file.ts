import { Entity, Index, PrimaryKey, Property } from "@mikro-orm/decorators/legacy";
import type { SqlEntityManager } from "@mikro-orm/sql";
import type { Context } from "../context.js";
import { statement } from "../database/statement.js";
import type { Sweep } from "../database/sweeper.js";
import { describeError } from "../log.js";
import type { FileStore } from "../storage/file-store.js";

/**
 * The name of a file that no user has as avatar: not yet, or not any more. It is written before the file is stored; a trigger
 * takes it away when a user gets the avatar, and writes it again when the user loses it or is erased, in whatever way. So these
 * names and those of `users` are all that this database ever stored, and what a crash leaves over is found.
 */
@Entity({ tableName: "unused_files" })
export class UnusedFile {
  @PrimaryKey({ type: "text" })
  name!: string;

  /** When it may be removed; at once if a user had it. */
  @Index()
  @Property({ type: "datetime", length: 3 })
  removeAfter!: Date;
}

/** For an upload that is under way. */
const graceMs = 86_400_000;

/** Few, since each may take the storage its time. */
const maxFiles = 100;

const write = statement("insert into unused_files (name, remove_after) values (?, ?)");

/** Writes down the name of a file that is about to be stored. If nobody uses it within a day, it is removed. */
export async function announceFile({ em, now }: Pick<Context, "em" | "now">, name: string): Promise<void> {
  await write.run(em, [name, new Date(now().getTime() + graceMs)]);
}

type FilesContext = Pick<Context, "em"> & { avatarStore: Pick<FileStore, "remove"> };

const forget = statement("delete from unused_files where name = ?");

/** Removes a file that a user had, and then forgets its name: if the file can't be removed, it is tried again. */
export async function removeUnusedFile({ em, avatarStore }: FilesContext, name: string): Promise<void> {
  await avatarStore.remove(name);
  await forget.run(em, [name]);
}

/**
 * Removes the file of an avatar that nobody may see any more, after its row gave it up. If the storage can't, the log says so
 * without naming the file, and the sweep of unused files tries again.
 */
export async function removeErasedFile(
  { log, ...context }: FilesContext & Pick<Context, "log">,
  name: string,
): Promise<void> {
  await removeUnusedFile(context, name).catch((error: unknown) => {
    log.error({ error: describeError(error) }, "an erased avatar's file could not be removed: it is tried again");
  });
}

/** The second condition is for names that were written while the clock was wrong. */
const removable = statement(`
  select name from unused_files
  where (remove_after <= ? or remove_after > ?)
    and not exists (select 1 from users where users.avatar = unused_files.name)
  order by remove_after limit ${maxFiles}`);

const putOff = statement("update unused_files set remove_after = ? where name = ?");

/**
 * Removes files that nobody uses, and returns how many. Where one can't be removed, the others come before it next time.
 * @throws what the storage throws
 */
async function removeUnusedFiles(context: FilesContext, now: Date): Promise<number> {
  const { em } = context;
  const files = await removable.rows(em, [now, new Date(now.getTime() + 2 * graceMs)]);
  for (const { name } of files) {
    await removeUnusedFile(context, String(name)).catch(async (error: unknown) => {
      await putOff.run(em, [now, String(name)]);
      throw error;
    });
  }
  return files.length;
}

/** Files of this store that no user has. */
export const unusedFiles = (avatarStore: FileStore): Sweep => ({
  what: "unused avatars",
  run: (em: SqlEntityManager, now) => removeUnusedFiles({ em, avatarStore }, now),
});
