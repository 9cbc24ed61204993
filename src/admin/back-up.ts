import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import type { SqlEntityManager } from "@mikro-orm/sql";
import { copySqlite } from "../database/database.js";
import { createFile } from "./new-file.js";

/**
 * Writes a copy of the SQLite database as of one moment, while others read and write it, and returns its size in bytes. It has
 * nothing of what was deleted. The file gets its name when it is whole, and only its owner can read it.
 * @throws AdminError if there is such a file already
 */
export async function backUp(em: SqlEntityManager, file: string): Promise<number> {
  const draft = `${file}.draft`;
  const reserved: string[] = [];
  try {
    for (const name of [file, draft]) {
      closeSync(createFile(name));
      reserved.push(name);
    }
    await copySqlite(em, draft);
    flush(draft);
    renameSync(draft, file);
  } catch (error) {
    for (const name of reserved) rmSync(name, { force: true });
    throw error;
  }
  return statSync(file).size;
}

/** Waits until the file is on the disk. */
function flush(file: string): void {
  const descriptor = openSync(file, "r+");
  fsyncSync(descriptor);
  closeSync(descriptor);
}
