import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, inject, test } from "vitest";
import { announceFile } from "../../src/avatar/unused-file.js";
import { newFileName } from "../../src/storage/file-store.js";
import { admin } from "../support/admin.js";
import { plain } from "../support/images.js";
import { sweep as sweepOf } from "../support/sweep.js";
import { startTestApp } from "../support/test-app.js";
import { upload } from "../support/upload.js";

/*
 * Whatever fails and whenever, no file stays that nobody uses; and no file goes that this database never named.
 */

const folder = join(inject("folder"), `unused-${process.pid}`);
const storage = { STORAGE_URL: `file:${folder}` };
const app = await startTestApp({ env: storage });
const { client } = app;
const image = await plain("red").png().toBuffer();

/** Files that others keep in the same folder: among them another service's avatar, and a draft of one. */
const foreign = ["logo.png", `${"f".repeat(32)}.jpg`, `${"e".repeat(32)}.jpg.draft`];
for (const name of foreign) writeFileSync(join(folder, name), "somebody else's");

const files = () => readdirSync(folder).filter((name) => !foreign.includes(name));
const nameOf = (url: string | undefined) => url?.split("/").at(-1) ?? "";

const announced = (name: string, at = app.now()) => announceFile({ em: app.database.em.fork(), now: () => at }, name);

const sweep = (milliseconds?: number) => sweepOf(app, milliseconds);

const failures = () => app.logged.filter(({ msg }) => msg === "clearing away failed").length;

/** Waits until a sweep has failed. */
async function sweepInVain(): Promise<void> {
  const before = failures();
  app.advance(61_000);
  await client.me();
  await expect.poll(failures).toBeGreaterThan(before);
}

const dayMs = 86_400_000;

let person: string;
let people = 0;
let token: string;
let id: string;
let avatar: string;

beforeEach(async () => {
  person = `person-${++people}`;
  ({
    token,
    user: { id },
  } = await client.signedIn(person));
  avatar = nameOf((await upload(app, token, image)).avatarUrl);
  expect(files()).toContain(avatar);
});

const untilGone = (name: string) => expect.poll(files).not.toContain(name);

test("the picture of an account whose row is gone goes with the next sweep", async () => {
  await app.database.em.fork().execute("delete from users where id = ?", [id]);
  await sweep();
  await untilGone(avatar);
});

test("a picture that a row gave up goes with the next sweep", async () => {
  await app.database.em.fork().execute("update users set avatar = null where id = ?", [id]);
  await sweep();
  await untilGone(avatar);
});

test("an erased person's picture that can't be removed is tried again until it can", async () => {
  const path = join(folder, avatar);
  const aside = join(inject("folder"), `aside-${avatar}`);
  renameSync(path, aside);
  mkdirSync(path);
  expect((await client.request("mutation { deleteAccount }", { token })).data?.deleteAccount).toBe(true);
  await sweepInVain();
  expect(existsSync(path)).toBe(true);
  rmdirSync(path);
  renameSync(aside, path);
  await sweep();
  await untilGone(avatar);
});

test("one that can't be removed holds up no other", async () => {
  const other = await client.signedIn(`${person}-other`);
  const second = nameOf((await upload(app, other.token, image)).avatarUrl);
  await app.database.em.fork().execute("delete from users where id = ?", [id]);
  rmSync(join(folder, avatar));
  mkdirSync(join(folder, avatar));
  await sweepInVain();
  await app.database.em.fork().execute("delete from users where id = ?", [other.user.id]);
  app.advance(61_000);
  await client.me();
  await untilGone(second);
  rmdirSync(join(folder, avatar));
});

test("what an upload that was cut off has stored, whole or in part, goes after a day and not before", async () => {
  const [whole, part] = [newFileName(), newFileName()];
  for (const name of [whole, part]) await announced(name);
  writeFileSync(join(folder, whole), image);
  writeFileSync(join(folder, `${part}.draft`), image.subarray(0, 20));
  await sweep(dayMs - 3_600_000);
  expect(files()).toEqual(expect.arrayContaining([whole, `${part}.draft`]));
  await sweep(2 * 3_600_000);
  await untilGone(whole);
  await untilGone(`${part}.draft`);
});

test("what was stored while the clock was years ahead goes, too", async () => {
  const name = newFileName();
  const ahead = new Date(app.now().getTime() + 3_650 * dayMs);
  await announced(name, ahead);
  writeFileSync(join(folder, name), image);
  await sweep();
  await untilGone(name);
});

test("avatars that are used stay for good, and so does what others keep there", async () => {
  for (let week = 0; week < 3; week++) await sweep(7 * dayMs);
  expect(files()).toContain(avatar);
  expect(readdirSync(folder)).toEqual(expect.arrayContaining(foreign));
});

test("unknown-files lists what this database never named, and leaves it there", async () => {
  const stored = newFileName();
  await announced(stored);
  for (const name of [stored, `${stored}.draft`]) writeFileSync(join(folder, name), image);
  writeFileSync(join(folder, "steers\u001b[2Jthe terminal"), "");
  const { code, output, errors } = await admin(["unknown-files"], {
    env: { DATABASE_URL: app.databaseUrl, ...storage },
  });
  expect(code).toBe(0);
  expect(output.split("\n").sort()).toEqual(["", ...foreign, "steers\ufffd[2Jthe terminal"].sort());
  expect(errors).toBe("Unknown files: 4.\n");
  expect(readdirSync(folder)).toEqual(expect.arrayContaining(foreign));
});
