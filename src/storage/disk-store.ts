import { constants } from "node:fs";
import { access, mkdir, open, opendir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { codeOf } from "../log.js";
import { type FileStore, isFileName } from "./file-store.js";

/**
 * Keeps files in one folder, which is made if it isn't there.
 * @throws if the folder can't be made or written to
 */
export async function openDiskStore(folder: string, publicUrl: string): Promise<FileStore> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await access(folder, constants.W_OK);

  return {
    async put(name, bytes) {
      const file = pathOf(folder, name);
      const draft = draftOf(file);
      try {
        await writeThrough(draft, bytes);
        await rename(draft, file);
        await syncFolder(folder);
      } catch (error) {
        await rm(draft, { force: true }).catch(() => {});
        throw error;
      }
    },

    async remove(name) {
      const file = pathOf(folder, name);
      for (const path of [draftOf(file), file]) await rm(path, { force: true });
      await syncFolder(folder);
    },

    async *list() {
      for await (const entry of await opendir(folder)) if (!entry.isDirectory()) yield entry.name;
    },

    url: (name) => `${publicUrl}/avatars/${name}`,

    async read(name) {
      if (!isFileName(name)) return undefined;
      try {
        return await readFile(pathOf(folder, name));
      } catch (error) {
        if (codeOf(error) === "ENOENT") return undefined;
        throw error;
      }
    },
  };
}

/** No name that isn't one of ours gets near the file system. */
function pathOf(folder: string, name: string): string {
  if (!isFileName(name)) throw new TypeError("this is no name of a file");
  return join(folder, name);
}

/** What a file is called until it is whole. */
const draftOf = (file: string) => `${file}.draft`;

async function writeThrough(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, "wx", 0o644);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a name that is new in the folder, or gone from it, survive a power cut, as the database does with the column; Windows can't open folders. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
