import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { AvatarCheck } from "../../src/avatar/avatar-check.js";
import { User } from "../../src/user/user.js";
import { openidOf, unionidOf } from "../../src/wechat/simulator/people.js";
import { disableUser } from "../support/accounts.js";
import { admin } from "../support/admin.js";
import { firstApp } from "../support/client.js";
import { messageAbout, push, pushToken } from "../support/push.js";
import { placesOf } from "../support/tables.js";
import { startTestApp } from "../support/test-app.js";

/*
 * A table that refers to a user holds data of a person: it is exported and erased, or stands here with the reason why not. So
 * nobody can add one and forget that.
 */

/** Where the export has the rows of each table. */
const exported: Record<string, string> = {
  identities: "identities",
  unionids: "unionids",
  sessions: "sessions",
  avatar_checks: "avatarChecks",
};

const notExported: Record<string, string> = {
  outbox: "what a webhook tells, kept for a week: ids and names of fields, which are in the export as they are now",
  audit_entries: "what operators did, with their names and reasons: it holds nothing about the person but the id",
};

/** The tables whose rows go with the user. */
const erased = ["identities", "unionids", "sessions", "avatar_checks"];

const notErased: Record<string, string> = {
  outbox: "the receiver is still to be told that the person has gone; it goes after a week",
  audit_entries: "operators answer for what they did after the person has gone; the id means nobody any more",
};

/** What is left of a disabled person who has left WeChat. */
const keptOut: Record<string, string> = {
  ...notErased,
  users: "the empty row is what stays disabled",
  identities: "a seal in place of the openid knows the person again",
  unionids: "a seal in place of the unionid knows the person again",
};

const webhook = { WEBHOOK_URL: "http://127.0.0.1:9", WEBHOOK_SECRET: `whsec_${randomBytes(32).toString("base64")}` };

const app = await startTestApp({ env: { WECHAT_PUSH_TOKEN: pushToken, ...webhook } });
const { client } = app;

const namesUser = (column: string) => /user_?id|owner/i.test(column);

/** The tables that refer to a user, by a reference of the ORM's or by the name of a column. Another test holds them against the database. */
const tables = [...app.database.getMetadata().getAll().values()]
  .filter(({ props }) =>
    props.some(({ targetMeta, fieldNames = [] }) => targetMeta?.class === User || fieldNames.some(namesUser)),
  )
  .map(({ tableName }) => tableName)
  .sort();

/** Somebody of whom there is a row in every table. */
async function fullPerson(person: string) {
  const { user, token } = await client.signedIn(person);
  const check = { traceId: `check of ${person}`, user: user.id, avatar: `${person}.jpg`, suggest: null, label: null };
  await app.database.em.fork().insert(AvatarCheck, { ...check, createdAt: app.now() });
  await admin(["user", user.id, "--json"], { env: { DATABASE_URL: app.databaseUrl } });
  return { id: user.id, token };
}

/** The tables, but for that of the users, in which a user's id stands. */
async function tablesWith(id: string): Promise<string[]> {
  const places = await placesOf(app.database, id);
  return [...new Set(places.map((place) => place.split(".")[0] ?? ""))];
}

test("every table that refers to a user is exported, or has a reason; there is no other in the lists", async () => {
  const { id } = await fullPerson("alice");
  expect(tables.length).toBeGreaterThan(3);
  expect([...Object.keys(exported), ...Object.keys(notExported)].sort()).toEqual(tables);
  expect((await tablesWith(id)).toSorted()).toEqual([...tables, "users"].sort());
});

test("a person of whom every table has a row finds each of them in the export", async () => {
  const { token } = await fullPerson("bella");
  const { data } = await client.request("{ exportMyData }", { token });
  const found = new Map(Object.entries(data?.exportMyData ?? {}));
  const empty = Object.values(exported).filter((name) => !Array.isArray(found.get(name)) || !found.get(name)?.length);
  expect(empty).toEqual([]);
});

test("every table that refers to a user is erased with the user, or has a reason", async () => {
  const { id, token } = await fullPerson("carol");
  expect([...erased, ...Object.keys(notErased)].sort()).toEqual(tables);
  expect((await client.request("mutation { deleteAccount }", { token })).outcome).toBe("ok");
  expect((await tablesWith(id)).toSorted()).toEqual(Object.keys(notErased).sort());
});

test("of a disabled person who leaves WeChat nothing is left but what has a reason", async () => {
  const { id } = await fullPerson("dora");
  await disableUser(app, id);
  await push(app, messageAbout("dora", "user_authorization_cancellation"));
  expect((await tablesWith(id)).toSorted()).toEqual(Object.keys(keptOut).sort());
  expect(await placesOf(app.database, openidOf(firstApp, "dora"), unionidOf("dora"))).toEqual([]);
});
