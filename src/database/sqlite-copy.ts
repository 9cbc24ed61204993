import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, statfsSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { SqlEntityManager } from "@mikro-orm/sql";
import { version } from "../version.js";
import type { Sweep } from "./sweeper.js";

/** Writes a copy of the SQLite database as of one moment, without anything that was deleted. The file may be there if it is empty. */
export async function copySqlite(em: SqlEntityManager, file: string): Promise<void> {
  await em.getConnection().execute("vacuum into ?", [file], "run");
}

/** After which the copy from before a migration is removed: it has whoever was erased since. */
const copyRetentionMs = 7 * 86_400_000;

/** What the copies of a file are called, up to the version that is about to migrate it. */
const copyPrefix = (file: string) => `${basename(file)}.before-`;

const copiesOf = (file: string) =>
  readdirSync(dirname(file))
    .filter((name) => name.startsWith(copyPrefix(file)))
    .map((name) => join(dirname(file), name));

/**
 * Writes a copy beside the file before this version changes its tables, such as `wxpass.db.before-1.2.0`, for nobody else to
 * read. It takes the place of the copy from before an earlier migration.
 * @throws Error if there is no room for it
 */
export async function copyBeforeMigration(em: SqlEntityManager, file: string): Promise<void> {
  demandRoom(file);
  const copy = join(dirname(file), `${copyPrefix(file)}${version}`);
  const draft = `${copy}.draft`;
  rmSync(draft, { force: true });
  closeSync(openSync(draft, "wx", 0o600));
  try {
    await copySqlite(em, draft);
    flush(draft);
    renameSync(draft, copy);
  } finally {
    rmSync(draft, { force: true });
  }
  for (const other of copiesOf(file)) if (other !== copy) rmSync(other);
}

/** What a byte more than the database would take, it takes itself while tables are changed. */
function demandRoom(file: string): void {
  const neededBytes = statSync(file).size;
  const { bavail, bsize } = statfsSync(dirname(file));
  const freeBytes = bavail * bsize;
  if (freeBytes >= neededBytes) return;
  throw new Error(
    `the tables are to be changed, and the copy of the database that is made before needs ${inMegabytes(neededBytes)} beside it, where ${inMegabytes(freeBytes)} are free`,
  );
}

const inMegabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

function flush(file: string): void {
  const descriptor = openSync(file, "r+");
  fsyncSync(descriptor);
  closeSync(descriptor);
}

/** Copies from before a migration that are old. */
export const oldCopies: Sweep = {
  what: "old copies from before a migration",
  async run({ config }, now) {
    const old = copiesOf(String(config.get("dbName"))).filter(
      (copy) => now.getTime() - statSync(copy).mtimeMs > copyRetentionMs,
    );
    for (const copy of old) rmSync(copy);
    return old.length;
  },
};
