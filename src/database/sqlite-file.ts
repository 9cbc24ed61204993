import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

/** Where a server that nothing was set for keeps all that it has. */
const ownFolder = "data";

/** What SQLite keeps beside a database while it is open. */
const companions = ["", "-wal", "-shm"];

/** With which each file of a database begins. See https://www.sqlite.org/fileformat.html */
export const sqliteMagic = "SQLite format 3\0";

/**
 * Makes the folder and the file of a database if they aren't there, and sees to it that they are for nobody else to read: the file
 * with what SQLite keeps beside it, the folder if it was made here. Returns whether the database is new.
 */
export function prepareSqliteFile(file: string): boolean {
  const folder = dirname(file);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (resolve(folder) === resolve(ownFolder)) makePrivate(folder, 0o700);
  const isNew = !existsSync(file);
  // SQLite gives its own files the mode of this one. Closing one that is open in this process would take its locks away.
  if (isNew) closeSync(openSync(file, "a", 0o600));
  for (const companion of companions) if (existsSync(file + companion)) makePrivate(file + companion, 0o600);
  return isNew;
}

/** Leaves alone what is private enough: only the owner of a file may change its mode. */
function makePrivate(path: string, mode: number): void {
  const tooOpen = statSync(path).mode & 0o777 & ~mode;
  if (tooOpen) chmodSync(path, mode);
}

/**
 * Another database in the folder where this one isn't: a sign that the name is misspelt. Undefined if the file is there, be it
 * empty, or there is no other.
 */
export function otherDatabase(file: string): string | undefined {
  const folder = dirname(file);
  if (existsSync(file) || !statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return undefined;
  const found = readdirSync(folder, { withFileTypes: true }).find(
    (entry) => entry.isFile() && entry.name !== basename(file) && isDatabase(join(folder, entry.name)),
  );
  return found && join(folder, found.name);
}

function isDatabase(file: string): boolean {
  const start = Buffer.alloc(sqliteMagic.length);
  const descriptor = openSync(file, "r");
  try {
    return readSync(descriptor, start) === sqliteMagic.length && start.toString("latin1") === sqliteMagic;
  } finally {
    closeSync(descriptor);
  }
}
