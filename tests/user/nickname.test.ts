import { beforeEach, expect, test } from "vitest";
import { foldNickname } from "../../src/user/nickname.js";
import { admin } from "../support/admin.js";
import { createImport } from "../support/import.js";
import { messageAbout, push, pushToken } from "../support/push.js";
import { allTables } from "../support/tables.js";
import { startTestApp } from "../support/test-app.js";

const app = await startTestApp({ env: { WECHAT_PUSH_TOKEN: pushToken } });
const { client } = app;
const { env, importRows, openid } = createImport(app);

let person: string;
let people = 0;

/** Somebody who has signed in and has a nickname, as most people. */
async function signedIn() {
  const user = await client.signedIn(person);
  await client.updateProfile(user.token, { nickname: `Ａlice ${people}` });
  return user;
}

async function nicknames(): Promise<{ nickname: unknown; folded: unknown }[]> {
  const rows = (await allTables(app.database)).get("users") ?? [];
  return rows.map((row) => ({ nickname: row["nickname"], folded: row["nickname_folded"] }));
}

beforeEach(() => {
  person = `alice${++people}`;
});

test.each<[string, string | null, () => Promise<unknown>]>([
  ["who has none yet", null, () => client.signedIn(person)],
  ["who gives one", "Ａlice", async () => client.updateProfile((await signedIn()).token, { nickname: "Ａlice" })],
  ["who clears it", null, async () => client.updateProfile((await signedIn()).token, { nickname: null })],
  ["who is imported with one", "Ännchen", () => importRows("openid,nickname", [`${openid(person)},Ännchen`])],
  ["who is imported without", null, () => importRows("openid,nickname", [`${openid(person)},`])],
  [
    "whose empty one is filled in by an import",
    "Ôde",
    async () => {
      await client.signedIn(person);
      await importRows("openid,nickname", [`${openid(person)},Ôde`], "--fill");
    },
  ],
  [
    "who takes back the permission for it",
    null,
    async () => {
      await signedIn();
      await push(app, messageAbout(person, "user_authorization_revoke", { " RevokeInfo": "19" }));
    },
  ],
  [
    "whose nickname WeChat finds risky",
    null,
    async () => {
      await signedIn();
      await push(app, messageAbout(person, "user_info_modified"));
    },
  ],
  [
    "who is disabled and leaves WeChat",
    null,
    async () => {
      await admin(["disable", (await signedIn()).user.id], { env });
      await push(app, messageAbout(person, "user_authorization_cancellation"));
    },
  ],
])("the folded nickname is that of the nickname, for somebody %s", async (_, nickname, act) => {
  const before = await nicknames();
  await act();
  const after = await nicknames();
  expect(after).toHaveLength(before.length + 1);
  expect(after).toContainEqual({ nickname, folded: nickname && foldNickname(nickname) });
  expect(after.filter(({ nickname, folded }) => folded !== (nickname && foldNickname(String(nickname))))).toEqual([]);
});

test("the database refuses a nickname that can't be found, and one that is gone but could be", async () => {
  await signedIn();
  const em = app.database.em.fork();
  const constraint = /check/i;
  await expect(em.execute("update users set nickname = null where nickname is not null")).rejects.toThrow(constraint);
  await expect(em.execute("update users set nickname = 'Eve' where nickname is null")).rejects.toThrow(constraint);
});
