import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { Session } from "../../../src/auth/session.js";
import { disableUser } from "../../support/accounts.js";
import { admin as run } from "../../support/admin.js";
import { plain } from "../../support/images.js";
import { placesOf } from "../../support/tables.js";
import { startTestApp } from "../../support/test-app.js";
import { fetchAvatar, upload } from "../../support/upload.js";

const app = await startTestApp();
const { client } = app;
const env = {
  DATABASE_URL: app.databaseUrl,
  STORAGE_URL: `file:${join(inject("folder"), "avatars")}`,
  PUBLIC_URL: "http://wxpass.test",
};
const admin = (args: string[], typed?: string) => run(args, { env, ...(typed !== undefined && { typed }) });

const nobody = "01900000-0000-7000-8000-000000000000";

test("a disabled user can neither sign in nor use a token, from the next request on", async () => {
  const { user, token, refreshToken } = await client.signedIn("alice");
  await client.signedIn("alice");
  expect((await admin(["disable", user.id])).output).toBe(`Disabled: ${user.id}. Sessions ended: 2.\n`);
  expect((await client.me(token)).outcome).toBe("USER_DISABLED");
  expect((await client.login("alice")).outcome).toBe("USER_DISABLED");
  expect((await client.request("mutation { deleteAccount }", { token })).outcome).toBe("USER_DISABLED");
  expect((await client.refresh(refreshToken)).outcome).toBe("REFRESH_TOKEN_INVALID");
  const again = await admin(["disable", user.id]);
  expect(again).toEqual({ code: 0, output: `Was disabled already: ${user.id}. Sessions ended: 0.\n`, errors: "" });
});

test("an enabled user can sign in again, to the same account; tokens that ended with the disabling don't come back", async () => {
  const { user, token, refreshToken } = await client.signedIn("bob");
  await admin(["disable", user.id]);
  expect((await admin(["enable", user.id])).output).toBe(`Enabled: ${user.id}.\n`);
  expect((await client.me(token)).outcome).toBe("UNAUTHENTICATED");
  expect((await client.refresh(refreshToken)).outcome).toBe("REFRESH_TOKEN_INVALID");
  const back = await client.signedIn("bob");
  expect(back.user.id).toBe(user.id);
  expect(await admin(["enable", user.id])).toEqual({ code: 0, output: `Was not disabled: ${user.id}.\n`, errors: "" });
  expect((await client.me(back.token)).outcome).toBe("ok");
});

test("a session that a sign-in opened while its user was being disabled ends when the user is enabled", async () => {
  const { user, token, refreshToken } = await client.signedIn("ben");
  await disableUser(app, user.id);
  expect((await client.me(token)).outcome).toBe("USER_DISABLED");
  await admin(["enable", user.id]);
  expect((await client.me(token)).outcome).toBe("UNAUTHENTICATED");
  expect((await client.refresh(refreshToken)).outcome).toBe("REFRESH_TOKEN_INVALID");
});

test("sessions whose time is over are not counted among those that end", async () => {
  const { user } = await client.signedIn("cleo");
  await client.signedIn("cleo");
  await app.database.em.fork().nativeUpdate(Session, { user: user.id }, { expiresAt: new Date(0) });
  await client.signedIn("cleo");
  expect((await admin(["end-sessions", user.id])).output).toBe("Sessions ended: 1.\n");
});

test("end-sessions signs out everywhere and bars nobody", async () => {
  const { user, token } = await client.signedIn("carol");
  await client.signedIn("carol");
  expect((await admin(["end-sessions", user.id])).output).toBe("Sessions ended: 2.\n");
  expect((await client.me(token)).outcome).toBe("UNAUTHENTICATED");
  expect((await client.login("carol")).outcome).toBe("ok");
});

test("delete erases after a yes, and only then", async () => {
  const { user, token } = await client.signedIn("dave");
  await client.updateProfile(token, { nickname: "Dave" });
  for (const typed of ["\n", "n\n", "yes please\n", ""]) {
    const { code, output, errors } = await admin(["delete", user.id], typed);
    expect({ code, errors }).toEqual({ code: 1, errors: "Nothing was deleted.\n" });
    expect(output).toContain(`Erase Dave (${user.id}`);
  }
  expect((await client.me(token)).outcome).toBe("ok");
  expect((await admin(["delete", user.id], "y\n")).output).toContain(`Deleted: ${user.id}.\n`);
  expect(await placesOf(app.database, user.id)).toEqual(["audit_entries.user_id"]);
  expect((await client.me(token)).outcome).toBe("UNAUTHENTICATED");
  expect((await client.signedIn("dave")).isNewUser).toBe(true);
});

test("delete takes the avatar along", async () => {
  const { user, token } = await client.signedIn("fay");
  const { avatarUrl } = await upload(app, token, await plain("green").jpeg().toBuffer());
  expect((await admin(["user", user.id])).output).toContain(avatarUrl);
  await admin(["delete", user.id, "--yes"]);
  expect((await fetchAvatar(app, avatarUrl)).status).toBe(404);
});

test("an avatar that can't be removed is told, and the account is gone all the same", async () => {
  const { user, token } = await client.signedIn("gus");
  const { avatarUrl } = await upload(app, token, await plain("blue").jpeg().toBuffer());
  const elsewhere = "s3://key:secret@127.0.0.1:1/bucket?style=path&tls=off";
  const { code, errors } = await run(["delete", user.id, "--yes"], {
    env: { DATABASE_URL: app.databaseUrl, STORAGE_URL: elsewhere },
  });
  expect(code).toBe(0);
  expect(errors).toContain("an erased avatar's file could not be removed: it is tried again");
  expect(await placesOf(app.database, user.id)).toEqual(["audit_entries.user_id"]);
  expect(await placesOf(app.database, String(avatarUrl?.split("/").at(-1)))).not.toEqual([]);
});

test("delete refuses where there is nobody to ask, unless it is told --yes", async () => {
  const { user, token } = await client.signedIn("erin");
  const { code, errors } = await admin(["delete", user.id]);
  expect(code).toBe(2);
  expect(errors).toContain("--yes");
  expect((await client.me(token)).outcome).toBe("ok");
  expect(await admin(["delete", user.id, "--yes"])).toEqual({ code: 0, output: `Deleted: ${user.id}.\n`, errors: "" });
});

test.each(["user", "disable", "enable", "end-sessions", "delete"])(
  "%s says when there is no such user",
  async (name) => {
    expect(await admin([name, nobody], "y\n")).toEqual({
      code: 1,
      output: "",
      errors: `No user has the id ${nobody}.\n`,
    });
  },
);

test.each([
  [[]],
  [["frobnicate"]],
  [["user"]],
  [["user", "1"]],
  [["user", nobody, nobody]],
  [["users", "--limit", "0"]],
  [["users", "--limit", "-1"]],
  [["users", "--after", "x"]],
  [["users", "--phone", "1380013800"]],
  [["users", "--id", "abc"]],
  [["users", "--id", "abcdefgh"]],
  [["users", "--signed-up-on", "2026-02-30"]],
  [["users", "--last-sign-in-on", "yesterday"]],
  [["users", "ann", "--nickname", "ann"]],
  [["users", "ann", "bob"]],
  [["user", "0-0-0"]],
  [["users", "--role", "admin"]],
  [["backup"]],
])("wrong usage is 2: %j", async (args) => {
  const { code, output, errors } = await admin(args);
  expect({ code, output }).toEqual({ code: 2, output: "" });
  expect(errors).not.toBe("");
});

test.each([[["help"]], [["--help"]], [["help", "users"]], [["delete", "--help"]]])("help is 0: %j", async (args) => {
  const { code, output, errors } = await admin(args);
  expect({ code, errors }).toEqual({ code: 0, errors: "" });
  expect(output).toContain("Usage: admin");
});
