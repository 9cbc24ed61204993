import { expect, test } from "vitest";
import { saveUser } from "../../src/auth/save-user.js";
import { Session } from "../../src/auth/session.js";
import { User } from "../../src/user/user.js";
import { deleteUser } from "../support/accounts.js";
import { firstApp } from "../support/client.js";
import { startTestApp } from "../support/test-app.js";

const app = await startTestApp();
const { client } = app;

const profile = {
  nickname: "爱丽丝 👩🏽‍🚀",
  email: "alice@example.com",
  birthday: "1990-05-17",
  gender: "FEMALE",
  address: "上海市南京西路 1 号",
  signature: "Ça va — ¿qué tal? 🇨🇳",
};

/** A user whose profile is filled in, and the token of theirs. */
async function filledIn(person: string) {
  const { token } = await client.signedIn(person);
  const { data } = await client.updateProfile(token, profile);
  if (!data?.updateProfile) throw new Error("the profile wasn't filled in");
  return { token, user: data.updateProfile };
}

test("what is written is what is read, at once and later", async () => {
  const { token, user } = await filledIn("alice");
  expect(user).toMatchObject(profile);
  expect((await client.me(token)).data?.me).toEqual(user);
  expect((await client.signedIn("alice")).user).toEqual(user);
});

test("values are stored byte by byte as they were sent", async () => {
  const { user } = await filledIn("alice");
  const columns = "nickname, email, gender, address, signature";
  const rows = await app.database.em
    .getConnection()
    .execute<Record<string, string>[]>(`select ${columns} from users where id = ?`, [user.id]);
  const { birthday: _, ...texts } = profile;
  for (const [column, value] of Object.entries(texts)) {
    expect(Buffer.from(rows[0]?.[column] ?? "").toString("hex")).toBe(Buffer.from(value).toString("hex"));
  }
});

test("a field left out stays, and null clears only its own", async () => {
  const { token, user } = await filledIn("bob");
  for (const field of Object.keys(profile)) {
    const { data } = await client.updateProfile(token, { [field]: null });
    expect(data?.updateProfile).toEqual({ ...user, [field]: null, updatedAt: data?.updateProfile?.updatedAt });
    await client.updateProfile(token, profile);
  }
});

test("everything may be cleared at once, and what is clear may be cleared again", async () => {
  const { token } = await filledIn("carol");
  const nothing = Object.fromEntries(Object.keys(profile).map((field) => [field, null]));
  expect((await client.updateProfile(token, nothing)).data?.updateProfile).toMatchObject(nothing);
  expect((await client.updateProfile(token, nothing)).data?.updateProfile).toMatchObject(nothing);
});

test("a variable that wasn't given leaves its field as it is", async () => {
  const { token, user } = await filledIn("alice");
  const query = "mutation ($n: String, $s: String) { updateProfile(input: { nickname: $n, signature: $s }) { id } }";
  expect(await client.request(query, { token, variables: { s: null } })).toMatchObject({ outcome: "ok" });
  expect((await client.me(token)).data?.me).toMatchObject({ nickname: user.nickname, signature: null });
});

test("updatedAt moves on with a change, createdAt never", async () => {
  const { token, user } = await filledIn("dave");
  app.advance(60_000);
  const { data } = await client.updateProfile(token, { nickname: "David" });
  const later = new Date(data?.updateProfile?.updatedAt ?? 0).getTime() - new Date(user.updatedAt).getTime();
  expect(later).toBeGreaterThanOrEqual(60_000);
  expect(data?.updateProfile?.createdAt).toBe(user.createdAt);
});

test("an empty input changes nothing, updatedAt included", async () => {
  const { token, user } = await filledIn("erin");
  app.advance(60_000);
  expect((await client.updateProfile(token, {})).data?.updateProfile).toEqual(user);
});

test("a change needs a token", async () => {
  expect(await client.updateProfile(undefined, { nickname: "Nobody" })).toMatchObject({
    status: 200,
    outcome: "UNAUTHENTICATED",
  });
});

test("a change touches nobody else", async () => {
  const frank = await filledIn("frank");
  const grace = await client.signedIn("grace");
  await client.updateProfile(grace.token, { nickname: "Grace" });
  expect((await client.me(frank.token)).data?.me).toEqual(frank.user);
});

test("a user who is deleted while many changes run is gone, and the changes say so", async () => {
  const { token, user } = await filledIn("heidi");
  const changes = Array.from({ length: 20 }, (_, index) => client.updateProfile(token, { nickname: `Heidi ${index}` }));
  await deleteUser(app, user.id);
  const outcomes = (await Promise.all(changes)).map(({ outcome }) => outcome);
  expect(outcomes.filter((outcome) => outcome !== "ok" && outcome !== "UNAUTHENTICATED")).toEqual([]);
  expect(await client.updateProfile(token, { nickname: "Heidi" })).toMatchObject({ outcome: "UNAUTHENTICATED" });
  expect(await app.database.em.fork().count(User, { id: user.id })).toBe(0);
});

test("a user who is deleted between the look-up and the change is no longer signed in", async () => {
  const { user } = await client.signedIn("ivan");
  const em = app.database.em.fork();
  const { id } = await em.findOneOrFail(Session, { user: user.id });
  const caller = await em.findOneOrFail(User, user.id);
  await deleteUser(app, user.id);
  const viewer = { user: caller, session: { id, appId: firstApp, accessKeyId: "", accessKeyChangedAt: null } };
  await expect(saveUser({ em, now: app.now }, viewer, { nickname: "Ivan" })).rejects.toMatchObject({
    code: "UNAUTHENTICATED",
  });
});
