import type { SqlEntityManager } from "@mikro-orm/sql";
import { UnusedFile } from "../avatar/unused-file.js";
import type { FileStore } from "../storage/file-store.js";
import { User } from "../user/user.js";

/** Names that are looked up at a time. */
const maxNames = 500;

/**
 * The files where avatars are stored that this database has no name of: what others put there, or another database's avatars.
 * A name is written down before its file, so that nobody's upload is among them.
 */
export async function* findUnknownFiles(em: SqlEntityManager, store: FileStore): AsyncGenerator<string> {
  let names: string[] = [];
  for await (const name of store.list()) {
    names.push(name);
    if (names.length < maxNames) continue;
    yield* await unknownOf(em, names);
    names = [];
  }
  yield* await unknownOf(em, names);
}

/** A draft belongs to the file that it was to be. */
const fileOf = (name: string) => name.replace(/\.draft$/, "");

async function unknownOf(em: SqlEntityManager, names: readonly string[]): Promise<string[]> {
  const files = names.map(fileOf);
  const [users, unused] = await Promise.all([
    em.fork().find(User, { avatar: { $in: files } }, { fields: ["avatar"] }),
    em.fork().find(UnusedFile, { name: { $in: files } }),
  ]);
  const known = new Set([...users.map(({ avatar }) => avatar), ...unused.map(({ name }) => name)]);
  return names.filter((name) => !known.has(fileOf(name)));
}
