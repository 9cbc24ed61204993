import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { plain } from "../support/images.js";
import { whileRefused } from "../support/refusing.js";
import { startTestApp } from "../support/test-app.js";
import { download, fetchAvatar, upload } from "../support/upload.js";

const folder = join(inject("folder"), `disk-${process.pid}`);
const app = await startTestApp({ env: { STORAGE_URL: `file:${folder}` } });
const { client } = app;
const { token } = await client.signedIn("alice");

const red = await plain("red").png().toBuffer();
const blue = await plain("blue").png().toBuffer();
const avatarUrl = async () => (await client.me(token)).data?.me?.avatarUrl;
const nameOf = (url: string | undefined) => url?.split("/").at(-1) ?? "";

test("a folder that can't be written to is an error that changes nothing, and passes", async () => {
  const { avatarUrl: before } = await upload(app, token, red);
  const aside = `${folder}-aside`;
  renameSync(folder, aside);
  writeFileSync(folder, "a file where the folder was");
  const { status, outcome, text } = await upload(app, token, blue);
  expect({ status, outcome }).toEqual({ status: 200, outcome: "INTERNAL_SERVER_ERROR" });
  expect(text).not.toMatch(/ENOTDIR|wxpass-test/);
  expect(app.logged.find(({ msg }) => msg === "unexpected error")).toMatchObject({ error: { code: "ENOTDIR" } });
  rmSync(folder);
  renameSync(aside, folder);
  expect(await avatarUrl()).toBe(before);
  expect(await download(app, before)).toHaveLength((await download(app, before)).length);
  expect((await upload(app, token, blue)).outcome).toBe("ok");
  expect(readdirSync(folder)).toHaveLength(1);
});

test("an old file that can't be removed is logged, and the upload counts", async () => {
  const { avatarUrl: old } = await upload(app, token, red);
  const file = join(folder, nameOf(old));
  rmSync(file);
  mkdirSync(join(file, "in the way"), { recursive: true });
  const { outcome, avatarUrl: next } = await upload(app, token, blue);
  expect(outcome).toBe("ok");
  expect(await avatarUrl()).toBe(next);
  expect(app.logged.some(({ msg, avatar }) => /could not be removed/.test(msg) && avatar === nameOf(old))).toBe(true);
  rmSync(file, { recursive: true });
});

test("an old file that is gone already is no matter", async () => {
  const { avatarUrl: old } = await upload(app, token, red);
  rmSync(join(folder, nameOf(old)));
  expect((await fetchAvatar(app, old)).status).toBe(404);
  expect((await upload(app, token, blue)).outcome).toBe("ok");
});

test("if the database refuses, the new file is removed and the old one stays", async () => {
  const { avatarUrl: before } = await upload(app, token, red);
  await whileRefused(app, "update on users", async () => {
    expect((await upload(app, token, blue)).outcome).toBe("INTERNAL_SERVER_ERROR");
  });
  expect(await avatarUrl()).toBe(before);
  expect(readdirSync(folder)).toEqual([nameOf(before)]);
});

test("a server that can't have its folder doesn't start", async () => {
  const file = `${folder}-file`;
  writeFileSync(file, "");
  await expect(startTestApp({ env: { STORAGE_URL: `file:${file}` } })).rejects.toThrow(/EEXIST|ENOTDIR/);
});
