import { existsSync } from "node:fs";
import { stat, statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { type Check, type Examined, type Finding, fault, ok, warning } from "./finding.js";

/** Below which a disk is as good as full: a write-ahead log and a few uploads. */
const minFreeBytes = 100e6;

/** Below which there isn't room for long. */
const scarceBytes = 1e9;

/** How much room is left where the database and the avatars lie. Before a migration the database is copied once. */
export const checkDisk: Check = async (examined) => {
  const folders = foldersOf(examined);
  if (folders.length === 0) return [ok("这台机器上不存数据", "nothing is kept on this machine")];
  const byDevice = new Map<number, string>();
  for (const folder of folders) byDevice.set((await stat(folder)).dev, folder);
  return Promise.all([...byDevice.values()].map((folder) => roomIn(folder, databaseBytes(examined))));
};

/** The folders, or those in which they will be made. */
function foldersOf({ database, storage }: Examined): string[] {
  const folders = [
    ...(storage.kind === "disk" ? [storage.folder] : []),
    ...(database.driver === "sqlite" ? [dirname(database.file)] : []),
  ];
  return folders.map((folder) => existing(resolve(folder)));
}

const existing = (folder: string): string => (existsSync(folder) ? folder : existing(dirname(folder)));

async function databaseBytes({ database }: Examined): Promise<number> {
  if (database.driver !== "sqlite" || !existsSync(database.file)) return 0;
  return (await stat(database.file)).size;
}

async function roomIn(folder: string, database: Promise<number>): Promise<Finding> {
  const { bavail, bsize, files, ffree } = await statfs(folder);
  const [free, needed] = [bavail * bsize, Math.max(minFreeBytes, await database)];
  const shown = { zh: `${folder} 剩余 ${gigabytes(free)}`, en: `${folder}: ${gigabytes(free)} free` };
  if (files > 0 && ffree === 0)
    return fault({ zh: `${shown.zh}，但没有空闲的 inode`, en: `${shown.en}, but no inode` }, clear);
  if (free < needed) {
    const more = { zh: `，至少需要 ${gigabytes(needed)}`, en: `, and ${gigabytes(needed)} are needed` };
    return fault({ zh: shown.zh + more.zh, en: shown.en + more.en }, clear);
  }
  return free < scarceBytes ? warning(shown, clear) : ok(shown.zh, shown.en);
}

const clear = { zh: "请清理磁盘或换一块更大的", en: "Make room, or move to a larger disk" };

const gigabytes = (bytes: number) =>
  bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${(bytes / 1e6).toFixed(0)} MB`;
