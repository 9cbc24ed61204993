import { v7 as uuidv7 } from "uuid";
import { expect, test } from "vitest";
import { insertPeople } from "../../src/auth/identities.js";
import { OutboxEvent } from "../../src/database/outbox.js";
import { User } from "../../src/user/user.js";
import { openidOf } from "../../src/wechat/simulator/people.js";
import { admin } from "../support/admin.js";
import { firstApp, secondApp } from "../support/client.js";
import { plain } from "../support/images.js";
import { createImport } from "../support/import.js";
import { keepSecret } from "../support/log-search.js";
import { signInOperator } from "../support/operator.js";
import { messageAbout, push, pushToken } from "../support/push.js";
import { startReceiver } from "../support/receiver.js";
import { sweep } from "../support/sweep.js";
import { startTestApp } from "../support/test-app.js";
import { upload } from "../support/upload.js";

const receiver = await startReceiver();
const app = await startTestApp({
  env: { ...receiver.env, WECHAT_PUSH_TOKEN: pushToken, OPERATOR_PAGE: "on", REFRESH_TOKEN_TTL: "1d" },
});
const { client } = app;
const env = { DATABASE_URL: app.databaseUrl };
const people = createImport(app);

/** A one-time code as the getPhoneNumber button of this person's phone gives it. */
async function phoneCode(person: string, phone: string): Promise<string> {
  const response = await fetch(`${app.simulatorUrl}/simulator/phone-code?${new URLSearchParams({ person, phone })}`);
  const { code }: { code: string } = JSON.parse(await response.text());
  keepSecret(code, phone);
  return code;
}

const mutation = (field: string, token: string) => client.request(`mutation { ${field} }`, { token });

/** Waits for what is told of somebody, in order and nothing else, and forgets it. */
async function expectTold(userId: string, ...expected: [string, object?][]): Promise<void> {
  const wanted = expected.map(([type, data = {}]) => [type, data]);
  await expect.poll(() => receiver.told(userId).length, { interval: 20 }).toBeGreaterThanOrEqual(wanted.length);
  expect(receiver.told(userId)).toEqual(wanted);
  receiver.forget(userId);
}

const anyId = expect.any(String);
const created = (appId = firstApp): [string, object] => ["session.created", { sessionId: anyId, appId }];
const ended = (reason: string): [string, object] => ["session.ended", { sessionId: anyId, appId: firstApp, reason }];

/** Somebody who has signed in, and of whom that is told. */
async function newcomer(person: string) {
  const { user, token } = await client.signedIn(person);
  await expectTold(user.id, ["user.created", { appId: firstApp }], created());
  return { id: user.id, token };
}

test("who signs in for the first time, again, and in another app", async () => {
  const { id } = await newcomer("alice");
  await client.signedIn("alice");
  await client.signedIn("alice", { appId: secondApp });
  await expectTold(id, created(), ["identity.linked", { appId: secondApp }], created(secondApp));
});

test("fields that changed are named without their values, and what leaves all as it is says nothing", async () => {
  const { id, token } = await newcomer("bob");
  await client.updateProfile(token, { nickname: "Bob", signature: "hello" });
  await client.updateProfile(token, { nickname: "Bob" });
  await upload(app, token, await plain("red").png().toBuffer());
  await expectTold(
    id,
    ["user.updated", { fields: ["nickname", "signature"] }],
    ["user.updated", { fields: ["avatarUrl"] }],
  );
  await mutation("removeAvatar { id }", token);
  await expectTold(id, ["user.updated", { fields: ["avatarUrl"] }]);
});

test("a refresh and the day of a sign-in say nothing", async () => {
  const { user, refreshToken } = await client.signedIn("carl");
  await client.refresh(refreshToken);
  await app.database.em
    .fork()
    .nativeUpdate(User, { id: user.id }, { lastSignInOn: "2020-01-01", updatedAt: app.now() });
  await client.signedIn("carl");
  await expectTold(user.id, ["user.created", { appId: firstApp }], created(), created());
});

test("a number that is bound, moves to another account, and is unbound", async () => {
  const [first, second] = [await newcomer("dora"), await newcomer("dick")];
  await client.bindPhone(first.token, await phoneCode("dora", "13800138001"));
  await client.request("mutation ($code: String!) { bindPhone(code: $code, takeOver: true) { id } }", {
    token: second.token,
    variables: { code: await phoneCode("dick", "13800138001") },
  });
  await mutation("unbindPhone { id }", second.token);
  await expectTold(first.id, ["phone.bound"], ["phone.unbound"]);
  await expectTold(second.id, ["phone.bound"], ["phone.unbound"]);
});

test("why sessions end: logged out, revoked, replaced, expired", async () => {
  const { id, token } = await newcomer("eve");
  const other = await client.signedIn("eve");
  const sessions = (await client.request("{ mySessions { id isCurrent } }", { token })).data?.mySessions ?? [];
  const another = sessions.find(({ isCurrent }) => !isCurrent)?.id;
  await mutation(`revokeSession(id: "${another}")`, token);
  expect((await client.me(other.token)).outcome).toBe("UNAUTHENTICATED");
  await mutation("logout", token);
  await mutation("logoutEverywhere", (await client.signedIn("eve")).token);
  await expectTold(id, created(), ended("revoked"), ended("logout"), created(), ended("logout"));
  for (let count = 0; count < 11; count++) await client.signedIn("eve");
  await expectTold(id, ...Array.from({ length: 11 }, () => created()), ended("replaced"));
});

test("a used refresh token that comes again ends its session", async () => {
  const { user, refreshToken } = await client.signedIn("finn");
  const next = await client.refresh(refreshToken);
  await client.refresh(next.data?.refreshToken?.refreshToken ?? "");
  await client.refresh(refreshToken);
  await expectTold(user.id, ["user.created", { appId: firstApp }], created(), ended("revoked"));
});

test("who deletes the account: the sessions that go with it are not told", async () => {
  const { id, token } = await newcomer("gina");
  await mutation("deleteAccount", token);
  await expectTold(id, ["user.deleted"]);
});

test("what the operator's command does", async () => {
  const { id, token } = await newcomer("hugo");
  await client.updateProfile(token, { nickname: "Hugo" });
  await client.signedIn("hugo");
  await admin(["disable", id], { env });
  await admin(["enable", id], { env });
  await client.signedIn("hugo");
  await admin(["end-sessions", id], { env });
  await admin(["delete", id, "--yes"], { env });
  await expectTold(
    id,
    ["user.updated", { fields: ["nickname"] }],
    created(),
    ["user.disabled"],
    ended("disabled"),
    ended("disabled"),
    ["user.enabled"],
    created(),
    ended("revoked"),
    ["user.deleted"],
  );
});

test("what the operator's page does", async () => {
  const { id } = await newcomer("ida");
  const operator = await signInOperator(app);
  await operator.act(id, "disable");
  await operator.act(id, "delete", { confirm: id.slice(-8) });
  await expectTold(id, ["user.disabled"], ended("disabled"), ["user.deleted"]);
});

test("what WeChat's messages make us do", async () => {
  const { id, token } = await newcomer("jane");
  await client.bindPhone(token, await phoneCode("jane", "13800138002"));
  await client.updateProfile(token, { email: "jane@example.com" });
  await push(app, messageAbout("jane", "user_authorization_revoke", { RevokeInfo: "16" }));
  await push(app, messageAbout("jane", "user_authorization_revoke", { RevokeInfo: "8" }));
  await push(app, messageAbout("jane", "user_authorization_cancellation"));
  await expectTold(
    id,
    ["phone.bound"],
    ["user.updated", { fields: ["email"] }],
    ["user.updated", { fields: ["email"] }],
    ["phone.unbound"],
    ["user.deleted"],
  );
});

test("an import tells each person once, again nothing, what it fills in once, and with --quiet none", async () => {
  const rows = ["kate", "kurt"].map(
    (person) => `${people.openid(person)},${person},13800138${person === "kate" ? "003" : "004"}`,
  );
  const before = receiver.all.length;
  const header = "openid,nickname,phone";
  await people.importRows(header, rows);
  await people.importRows(header, rows);
  await expect.poll(() => receiver.all.length).toBe(before + 2);
  const imported = receiver.all.slice(-2);
  expect(imported.map(({ type }) => type)).toEqual(["user.created", "user.created"]);
  const [{ data: { userId = "" } = {} } = {}] = imported;
  receiver.forget(userId);
  await people.importRows(
    "openid,address,signature",
    [`${people.openid("kate")},a street,hello`, `${people.openid("kurt")},,`],
    "--fill",
  );
  await people.importRows("openid,nickname", [`${people.openid("karl")},Karl`], "--quiet");
  const { user } = await client.signedIn("karl");
  await expectTold(user.id, created());
  const filled = receiver.all
    .slice(before)
    .filter(({ type }) => type === "user.updated")
    .map(({ data }) => data["fields"]);
  expect(filled).toEqual([["address", "signature"]]);
});

test("a transaction that is rolled back says nothing", async () => {
  const em = app.database.em.fork();
  const user = { id: uuidv7(), createdAt: app.now(), updatedAt: app.now() };
  const identity = { appId: firstApp, openid: openidOf(firstApp, "lena"), user: user.id, createdAt: app.now() };
  const lost = em.transactional(async (transaction) => {
    await insertPeople(transaction, { users: [user], unionids: [], identities: [identity] });
    expect(await transaction.count(OutboxEvent, { userId: user.id })).toBe(1);
    throw new Error("changed its mind");
  });
  await expect(lost).rejects.toThrow("changed its mind");
  expect(await em.count(OutboxEvent, { userId: user.id })).toBe(0);
});

test("sessions that lie until they expire", async () => {
  const { id } = await newcomer("mona");
  await sweep(app, 2 * 86_400_000);
  await expectTold(id, ended("expired"));
});

test("nothing that is told is about the person", async () => {
  const told = JSON.stringify(receiver.all);
  expect(receiver.all.length).toBeGreaterThan(50);
  expect(told).not.toMatch(/Bob|hello|@|1380013|openid|o[\w-]{27}/);
});

test("without WEBHOOK_URL nothing is written, whatever happens, and whoever does it", async () => {
  const quiet = await startTestApp();
  const { user, token } = await quiet.client.signedIn("nora");
  await quiet.client.updateProfile(token, { nickname: "Nora" });
  await admin(["disable", user.id], { env: { DATABASE_URL: quiet.databaseUrl } });
  await admin(["delete", user.id, "--yes"], { env: { DATABASE_URL: quiet.databaseUrl } });
  expect(await quiet.database.em.fork().count(OutboxEvent)).toBe(0);
});
