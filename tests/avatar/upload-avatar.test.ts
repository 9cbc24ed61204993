import { readdirSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { beforeEach, expect, inject, test, vi } from "vitest";
import { driver } from "../support/database.js";
import { coloursOf, plain } from "../support/images.js";
import { startTestApp } from "../support/test-app.js";
import { download, fetchAvatar, upload } from "../support/upload.js";

const folder = join(inject("folder"), `upload-${process.pid}`);
const app = await startTestApp({ env: { STORAGE_URL: `file:${folder}` } });
const { client } = app;
const files = () => readdirSync(folder);

const red = await plain("red").png().toBuffer();
const blue = await plain("blue").png().toBuffer();

const remove = (token: string) => client.request("mutation { removeAvatar { id avatarUrl } }", { token });
const avatarUrlOf = async (token: string) => (await client.me(token)).data?.me?.avatarUrl;

let token = "";
let people = 0;
let before = 0;

beforeEach(async () => {
  ({ token } = await client.signedIn(`person-${people++}`));
  before = files().length;
});

test("a new user has no avatar", async () => {
  expect(await avatarUrlOf(token)).toBeNull();
});

test("an upload shows in every answer that has the user", async () => {
  const { avatarUrl, status } = await upload(app, token, red);
  expect(status).toBe(200);
  expect(await avatarUrlOf(token)).toBe(avatarUrl);
  expect((await client.updateProfile(token, { nickname: "Ann" })).data?.updateProfile?.avatarUrl).toBe(avatarUrl);
  const { user, refreshToken } = await client.signedIn(`person-${people - 1}`);
  expect(user.avatarUrl).toBe(avatarUrl);
  expect((await client.refresh(refreshToken)).data?.refreshToken?.user.avatarUrl).toBe(avatarUrl);
});

test("an upload moves updatedAt", async () => {
  const earlier = (await client.me(token)).data?.me?.updatedAt ?? "";
  app.advance(1_000);
  await upload(app, token, red);
  expect(Date.parse((await client.me(token)).data?.me?.updatedAt ?? "")).toBeGreaterThan(Date.parse(earlier));
});

test("the next upload has another address, and the old file is gone", async () => {
  const first = await upload(app, token, red);
  const second = await upload(app, token, blue);
  expect(second.avatarUrl).not.toBe(first.avatarUrl);
  expect(await coloursOf(await download(app, second.avatarUrl))).toBe("blue blue blue blue");
  expect((await fetchAvatar(app, first.avatarUrl)).status).toBe(404);
  expect(files()).toHaveLength(before + 1);
});

test("removeAvatar leaves neither address nor file, as often as one likes", async () => {
  const { avatarUrl } = await upload(app, token, red);
  for (let i = 0; i < 2; i++) expect((await remove(token)).data?.removeAvatar?.avatarUrl).toBeNull();
  expect(await avatarUrlOf(token)).toBeNull();
  expect((await fetchAvatar(app, avatarUrl)).status).toBe(404);
  expect(files()).toHaveLength(before);
});

test("removeAvatar needs a token", async () => {
  expect((await client.request("mutation { removeAvatar { id } }")).outcome).toBe("UNAUTHENTICATED");
});

test("nobody else's avatar is touched", async () => {
  const other = await client.signedIn("bystander");
  const { avatarUrl } = await upload(app, other.token, blue);
  await upload(app, token, red);
  await remove(token);
  expect(await avatarUrlOf(other.token)).toBe(avatarUrl);
  expect((await fetchAvatar(app, avatarUrl)).status).toBe(200);
  await remove(other.token);
});

test("of several uploads at once one wins, and the files of the others are gone", async () => {
  for (let round = 0; round < 3; round++) {
    const answers = await Promise.all([red, blue, red, blue, red].map((image) => upload(app, token, image)));
    expect(answers.map(({ outcome }) => outcome)).toEqual(Array(5).fill("ok"));
    const avatarUrl = await avatarUrlOf(token);
    expect(answers.map((answer) => answer.avatarUrl)).toContain(avatarUrl);
    expect((await fetchAvatar(app, avatarUrl)).status).toBe(200);
    expect(files()).toHaveLength(before + 1);
  }
});

test("uploads and removals at once leave the file that is named, or none", async () => {
  for (let round = 0; round < 5; round++) {
    const answers = await Promise.all([
      upload(app, token, red),
      remove(token),
      upload(app, token, blue),
      remove(token),
    ]);
    expect(answers.map(({ outcome }) => outcome)).toEqual(Array(4).fill("ok"));
    const avatarUrl = await avatarUrlOf(token);
    expect(files()).toHaveLength(before + (avatarUrl ? 1 : 0));
    if (avatarUrl) expect((await fetchAvatar(app, avatarUrl)).status).toBe(200);
  }
});

test("an update of the profile at the same time loses nothing", async () => {
  const [{ avatarUrl }] = await Promise.all([
    upload(app, token, red),
    client.updateProfile(token, { nickname: "Ann" }),
    client.updateProfile(token, { signature: "hello" }),
  ]);
  expect((await client.me(token)).data?.me).toMatchObject({ avatarUrl, nickname: "Ann", signature: "hello" });
});

test("the avatar survives a restart", async () => {
  const env = { STORAGE_URL: `file:${join(folder, "deeper/still")}` };
  const first = await startTestApp({ env });
  const { token } = await first.client.signedIn("carol");
  const { avatarUrl } = await upload(first, token, red);
  await first.close();
  const second = await startTestApp({ env: { ...env, DATABASE_URL: first.databaseUrl } });
  expect((await second.client.me(token)).data?.me?.avatarUrl).toBe(avatarUrl);
  expect((await fetchAvatar(second, avatarUrl)).status).toBe(200);
});

if (driver === "postgresql") {
  /** The SQL of a query, which is an object if it has a name. */
  const textOf = (query: unknown) => String(Object(query).text ?? query);

  test("an upload whose write is done and not answered keeps its file, since the user's row names it", async () => {
    const query = pg.Client.prototype.query;
    vi.spyOn(pg.Client.prototype, "query").mockImplementation(async function (this: pg.Client, ...given: unknown[]) {
      const result = await Reflect.apply(query, this, given);
      if (/^\s*update users set avatar/.test(textOf(given[0]))) throw new Error("the connection is gone");
      return result;
    });
    expect((await upload(app, token, red)).outcome).toBe("INTERNAL_SERVER_ERROR");
    vi.restoreAllMocks();
    const avatarUrl = await avatarUrlOf(token);
    expect(avatarUrl).toMatch(/jpg$/);
    expect((await fetchAvatar(app, avatarUrl)).status).toBe(200);
  });
}
