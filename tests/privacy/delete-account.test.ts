import { expect, test } from "vitest";
import { openidOf, unionidOf } from "../../src/wechat/simulator/people.js";
import { firstApp, secondApp } from "../support/client.js";
import { plain } from "../support/images.js";
import { placesOf } from "../support/tables.js";
import { startTestApp } from "../support/test-app.js";
import { fetchAvatar, upload } from "../support/upload.js";

const app = await startTestApp();
const { client } = app;

const deleteAccount = (token: string) => client.request("mutation { deleteAccount }", { token });

const idsOf = (person: string) => [openidOf(firstApp, person), openidOf(secondApp, person), unionidOf(person)];

test("nothing of the person is left in any table", async () => {
  const { user, token } = await client.signedIn("alice");
  await client.signedIn("alice", { appId: secondApp });
  await client.updateProfile(token, { nickname: "Alice Liddell", address: "Christ Church" });
  await app.database.em
    .fork()
    .getConnection()
    .execute("update users set phone = ? where id = ?", ["+8619900000001", user.id]);
  const traces = [user.id, ...idsOf("alice"), "Alice Liddell", "Christ Church", "+8619900000001"];
  expect(await placesOf(app.database, ...traces)).toEqual([
    "identities.openid",
    "identities.user_id",
    "sessions.user_id",
    "unionids.unionid",
    "unionids.user_id",
    "users.address",
    "users.id",
    "users.nickname",
    "users.phone",
  ]);
  expect((await deleteAccount(token)).data?.deleteAccount).toBe(true);
  expect(await placesOf(app.database, ...traces)).toEqual([]);
});

test("all tokens die, and the same person is a new user afterwards", async () => {
  const here = await client.signedIn("bob");
  const there = await client.signedIn("bob", { appId: secondApp });
  await deleteAccount(here.token);
  for (const { token, refreshToken } of [here, there]) {
    expect((await client.me(token)).outcome).toBe("UNAUTHENTICATED");
    expect((await client.refresh(refreshToken)).outcome).toBe("REFRESH_TOKEN_INVALID");
  }
  const again = await client.signedIn("bob", { appId: secondApp });
  expect(again.isNewUser).toBe(true);
  expect(again.user.id).not.toBe(here.user.id);
  expect(again.user.nickname).toBeNull();
});

test("the avatar's file is gone", async () => {
  const { token } = await client.signedIn("heidi");
  const { avatarUrl } = await upload(app, token, await plain("red").jpeg().toBuffer());
  expect((await fetchAvatar(app, avatarUrl)).status).toBe(200);
  await deleteAccount(token);
  expect((await fetchAvatar(app, avatarUrl)).status).toBe(404);
});

test("nobody else is touched", async () => {
  const leaving = await client.signedIn("carol");
  const staying = await client.signedIn("dave");
  await client.updateProfile(staying.token, { nickname: "Dave" });
  await deleteAccount(leaving.token);
  expect((await client.me(staying.token)).data?.me?.nickname).toBe("Dave");
});

test("it needs a token", async () => {
  expect((await client.request("mutation { deleteAccount }")).outcome).toBe("UNAUTHENTICATED");
});

test("what follows in the same operation finds no account", async () => {
  const { token } = await client.signedIn("erin");
  const query = 'mutation { deleteAccount again: deleteAccount updateProfile(input: { nickname: "Erin" }) { id } }';
  expect((await client.request(query, { token })).outcome).toBe("UNAUTHENTICATED");
  expect(await placesOf(app.database, ...idsOf("erin"))).toEqual([]);
});

test("of deletions at once none fails", async () => {
  const { token } = await client.signedIn("frank");
  const outcomes = (await Promise.all(Array.from({ length: 5 }, () => deleteAccount(token)))).map(
    ({ outcome }) => outcome,
  );
  expect(outcomes).toContain("ok");
  expect(["ok", "UNAUTHENTICATED"]).toEqual(expect.arrayContaining(outcomes));
});

test("a deletion in the midst of everything else leaves a whole account or none", async () => {
  const expected = ["ok", "UNAUTHENTICATED", "REFRESH_TOKEN_INVALID"];
  for (let round = 0; round < 8; round++) {
    const person = `grace${round}`;
    const { token, refreshToken } = await client.signedIn(person);
    const answers = await Promise.all([
      client.login(person),
      client.refresh(refreshToken),
      client.updateProfile(token, { nickname: "Grace" }),
      client.login(person, { appId: secondApp }),
      deleteAccount(token),
      client.request("mutation { logoutEverywhere }", { token }),
      client.request("{ exportMyData }", { token }),
      client.refresh(refreshToken),
      client.login(person),
      client.login(person, { appId: secondApp }),
    ]);
    expect(expected).toEqual(expect.arrayContaining(answers.map(({ outcome }) => outcome)));
    for (const { data } of answers) {
      if (data?.exportMyData) expect(data.exportMyData.identities).not.toEqual([]);
    }
    const after = await client.signedIn(person);
    const other = await client.signedIn(person, { appId: secondApp });
    expect(other.user.id).toBe(after.user.id);
    expect((await client.me(after.token)).data?.me?.id).toBe(after.user.id);
  }
});
