import fs, { existsSync, readlinkSync } from "node:fs";
import { open } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { dirname, join } from "node:path";
import { afterEach, expect, inject, test, vi } from "vitest";
import { admin } from "../support/admin.js";
import { plain } from "../support/images.js";
import { startTestApp } from "../support/test-app.js";
import { upload } from "../support/upload.js";

/*
 * What a power cut after the answer may not take back. No test can cut the power: these look at what is handed to the disk, and when.
 */

const folder = join(inject("folder"), `durable-${process.pid}`);
const app = await startTestApp({ env: { STORAGE_URL: `file:${folder}` } });
const { token } = await app.client.signedIn("alice");
const image = await plain("red").png().toBuffer();

afterEach(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
});

/** The path that a descriptor stands for. */
const pathOf = (descriptor: number) => readlinkSync(`/proc/self/fd/${descriptor}`);

/** Notes, whenever a file or folder is handed to the disk, which one it is and what a test wants to know of that moment. */
async function noteSyncs<Note>(look: () => Note): Promise<{ path: string; note: Note }[]> {
  const noted: { path: string; note: Note }[] = [];
  const handle = await open(import.meta.filename);
  const prototype: { sync(): Promise<void> } = Object.getPrototypeOf(handle);
  await handle.close();
  const { sync } = prototype;
  vi.spyOn(prototype, "sync").mockImplementation(function (this: { fd: number }) {
    noted.push({ path: pathOf(this.fd), note: look() });
    return sync.call(this);
  });
  const { fsyncSync } = fs;
  vi.spyOn(fs, "fsyncSync").mockImplementation((descriptor) => {
    noted.push({ path: pathOf(descriptor), note: look() });
    fsyncSync(descriptor);
  });
  syncBuiltinESMExports();
  return noted;
}

const onLinux = test.runIf(process.platform === "linux");

onLinux("an avatar is on the disk before it has its name, and its name before the answer", async () => {
  const names = () => fs.readdirSync(folder).toSorted();
  const noted = await noteSyncs(names);
  const { avatarUrl } = await upload(app, token, image);
  const name = avatarUrl?.split("/").at(-1) ?? "none";
  expect(noted).toEqual([
    { path: join(folder, `${name}.draft`), note: [`${name}.draft`] },
    { path: folder, note: [name] },
  ]);
});

onLinux("that an avatar is gone is on the disk before the answer", async () => {
  const { avatarUrl } = await upload(app, token, image);
  const file = join(folder, avatarUrl?.split("/").at(-1) ?? "none");
  const noted = await noteSyncs(() => existsSync(file));
  await app.client.request("mutation { removeAvatar { id } }", { token });
  expect(noted).toEqual([{ path: folder, note: false }]);
});

onLinux("a backup is on the disk before it has its name, and its name before that is told", async () => {
  const file = join(folder, "..", `durable-${process.pid}.db`);
  const noted = await noteSyncs(() => existsSync(file));
  expect((await admin(["backup", file], { env: { DATABASE_URL: app.databaseUrl } })).code).toBe(0);
  expect(noted).toEqual([
    { path: `${join(file)}.draft`, note: false },
    { path: dirname(join(file)), note: true },
  ]);
});

test("SQLite waits for the disk at every commit, and overwrites what is deleted", async () => {
  const settings = ["journal_mode", "synchronous", "secure_delete"];
  const found = settings.map(async (name) => (await app.database.em.fork().execute(`pragma ${name}`))[0]?.[name]);
  expect(await Promise.all(found)).toEqual(["wal", 2, 1]);
});
