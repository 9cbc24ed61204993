import { pino } from "pino";
import { expect, test } from "vitest";
import { Session } from "../../src/auth/session.js";
import { eraseCaller, eraseUser } from "../../src/privacy/erase-user.js";
import { User } from "../../src/user/user.js";
import { disableUser, endSessions } from "../support/accounts.js";
import { firstApp } from "../support/client.js";
import { decode } from "../support/forged-token.js";
import { placesOf } from "../support/tables.js";
import { startTestApp, type TestApp } from "../support/test-app.js";

const app = await startTestApp();

/** A new user with an avatar in a store that does this when it is told to remove one. */
async function erase(person: string, remove: (name: string) => Promise<void>): Promise<boolean> {
  const { user } = await app.client.signedIn(person);
  const em = app.database.em.fork();
  await em.getConnection().execute("update users set avatar = ? where id = ?", [`${person}.webp`, user.id]);
  return eraseUser({ em, avatarStore: { remove }, log }, user.id);
}

const logged: object[] = [];
const log = pino({ base: null }, { write: (line) => void logged.push(JSON.parse(line)) });

test("the avatar goes when the rest is gone", async () => {
  const seen: string[] = [];
  const erased = await erase("alice", async (name) => {
    seen.push(name, ...(await placesOf(app.database, "alice.webp")));
  });
  expect(erased).toBe(true);
  expect(seen).toEqual(["alice.webp", "unused_files.name"]);
  expect(await placesOf(app.database, "alice.webp")).toEqual([]);
  expect(logged).toEqual([]);
});

test("an avatar that can't be removed is remembered, the log doesn't name it, and the account is gone all the same", async () => {
  const erased = await erase("bob", async () => {
    throw new Error("the disk is on fire");
  });
  expect(erased).toBe(true);
  expect(await placesOf(app.database, "bob.webp")).toEqual(["unused_files.name"]);
  expect(logged).toEqual([expect.objectContaining({ msg: expect.stringContaining("could not be removed") })]);
  expect(JSON.stringify(logged)).not.toContain("bob.webp");
});

/** Lets a user's sessions run out. */
async function runOut({ database, now }: TestApp, user: string): Promise<void> {
  await database.em.fork().nativeUpdate(Session, { user }, { expiresAt: new Date(now().getTime() - 1) });
}

test.each([
  ["whose session ends", endSessions, "UNAUTHENTICATED"],
  ["whose session runs out", runOut, "UNAUTHENTICATED"],
  ["who is disabled", disableUser, "USER_DISABLED"],
])("a caller %s at the last moment isn't erased", async (_, end, code) => {
  const { token, user } = await app.client.signedIn("carol");
  const em = app.database.em.fork();
  const session = {
    id: String(decode(token).payload["sid"]),
    appId: firstApp,
    accessKeyId: "",
    accessKeyChangedAt: null,
  };
  const viewer = { user: await em.findOneOrFail(User, { id: user.id }), session };
  await end(app, user.id);
  const context = { em, now: app.now, log, avatarStore: { remove: async () => {} } };
  await expect(eraseCaller(context, viewer)).rejects.toMatchObject({ code });
  expect(await app.database.em.fork().count(User, { id: user.id })).toBe(1);
});
