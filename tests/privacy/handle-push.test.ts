import { mkdir, rename, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { pino } from "pino";
import { beforeEach, expect, inject, test } from "vitest";
import { disableUser as disable } from "../../src/admin/disable-user.js";
import { wechat } from "../../src/audit/record-act.js";
import { Identity } from "../../src/auth/identity.js";
import { sealOf } from "../../src/auth/seal.js";
import { Session } from "../../src/auth/session.js";
import { eraseFields } from "../../src/privacy/erase-fields.js";
import { HandledPush } from "../../src/privacy/handled-push.js";
import { User } from "../../src/user/user.js";
import { openidOf, unionidOf } from "../../src/wechat/simulator/people.js";
import { disableUser } from "../support/accounts.js";
import { firstApp, type LoginData, secondApp } from "../support/client.js";
import { driver } from "../support/database.js";
import { plain } from "../support/images.js";
import { messageAbout, newNonce, push, pushToken, secondsOf } from "../support/push.js";
import { sweep } from "../support/sweep.js";
import { placesOf } from "../support/tables.js";
import { startTestApp } from "../support/test-app.js";
import { fetchAvatar, upload } from "../support/upload.js";

const env = { WECHAT_PUSH_TOKEN: pushToken };
const app = await startTestApp({ env });
const { client } = app;

const image = await plain("red").png().toBuffer();

const profile = {
  nickname: "Alice in Wonderland",
  email: "alice@example.com",
  birthday: "1998-02-28",
  gender: "FEMALE",
  address: "Christ Church, Oxford",
  signature: "Curiouser and curiouser",
};

let person: string;
let user: LoginData;
let avatarUrl: string | undefined;
let people = 0;

beforeEach(async () => {
  person = `alice${++people}`;
  user = await client.signedIn(person);
  await client.updateProfile(user.token, profile);
  await client.bindPhone(user.token, person);
  ({ avatarUrl } = await upload(app, user.token, image));
});

test("a disabled person who leaves WeChat is erased but for what keeps the person out, until an operator allows it", async () => {
  await disableUser(app, user.user.id);
  await push(app, messageAbout(person, "user_authorization_cancellation"));
  expect((await fetchAvatar(app, avatarUrl)).status).toBe(404);
  const em = app.database.em.fork();
  const row = await em.findOneOrFail(User, user.user.id);
  expect(row).toMatchObject({ nickname: null, email: null, phone: null, address: null, avatar: null, birthday: null });
  expect(row.lastSignInOn).toBeNull();
  const openids = (await em.find(Identity, { user: user.user.id })).map(({ openid }) => openid);
  expect(openids).toEqual([expect.stringMatching(/^sha256:[\w-]{43}$/)]);
  expect(await em.count(Session, { user: user.user.id })).toBe(0);
  for (const appId of [undefined, secondApp]) {
    expect((await client.login(person, { ...(appId && { appId }) })).outcome).toBe("USER_DISABLED");
  }
  await em.nativeUpdate(User, { id: user.user.id }, { disabledAt: null });
  for (const round of [1, 2]) {
    expect({ round, ...(await client.signedIn(person)) }).toMatchObject({
      round,
      isNewUser: false,
      user: { id: row.id },
    });
  }
});

test("when a disabled person leaves WeChat everybody else can still sign in, to the same account", async () => {
  const bystander = await client.signedIn(`${person}-bystander`);
  await disableUser(app, user.user.id);
  await push(app, messageAbout(person, "user_authorization_cancellation"));
  const held = await client.request("{ exportMyData }", { token: bystander.token });
  expect(held.text).toContain(firstApp);
  expect(held.text).not.toContain("sha256:");
  for (const appId of [firstApp, secondApp]) {
    const again = await client.signedIn(`${person}-bystander`, { appId });
    expect(again).toMatchObject({ isNewUser: false, user: { id: bystander.user.id } });
  }
});

test("a disabled person who tries to come back leaves no openid behind", async () => {
  await disableUser(app, user.user.id);
  await push(app, messageAbout(person, "user_authorization_cancellation"));
  expect((await client.login(person)).outcome).toBe("USER_DISABLED");
  expect(await placesOf(app.database, openidOf(firstApp, person), unionidOf(person))).toEqual([]);
});

test("a cancellation that comes again leaves alone whom an operator has let in meanwhile", async () => {
  const message = messageAbout(person, "user_authorization_cancellation");
  await disableUser(app, user.user.id);
  await push(app, message);
  await app.database.em.fork().nativeUpdate(User, { id: user.user.id }, { disabledAt: null });
  const back = await client.signedIn(person);
  expect((await push(app, message)).text).toBe("success");
  expect((await client.me(back.token)).data?.me?.id).toBe(user.user.id);
});

const me = async () => (await client.me(user.token)).data?.me;

const revoke = (info: unknown, fields: object = {}) =>
  push(app, messageAbout(person, "user_authorization_revoke", { " RevokeInfo": info, ...fields }));

const erased = { nickname: null, email: null, phone: null, address: null, avatarUrl: null };

test.each<[string, unknown, (keyof typeof erased)[]]>([
  ["the address", "2", ["address"]],
  ["nickname and avatar", "6", ["nickname", "avatarUrl"]],
  ["the phone number", "8", ["phone"]],
  ["the phone number, as a number", 8, ["phone"]],
  ["the e-mail address", "16", ["email"]],
  ["the nickname of the keyboard", "19", ["nickname"]],
  ["the avatar of the button", "20", ["avatarUrl"]],
  ["several at once", "2,8", ["address", "phone"]],
  ["several as a list", ["16", 19], ["email", "nickname"]],
  ["what isn't kept", "7", []],
  ["what nobody knows yet", "99", []],
])("who takes back %s keeps everything else", async (_, info, fields) => {
  const before = await me();
  expect((await revoke(info)).text).toBe("success");
  const gone = Object.fromEntries(fields.map((field) => [field, null]));
  expect(await me()).toEqual({ ...before, ...gone, updatedAt: expect.any(String) });
  const file = await fetchAvatar(app, avatarUrl);
  expect(file.status).toBe(fields.includes("avatarUrl") ? 404 : 200);
});

test("a risky avatar or nickname is dropped, both, since WeChat doesn't say which", async () => {
  const before = await me();
  await push(app, messageAbout(person, "user_info_modified"));
  expect(await me()).toEqual({ ...before, nickname: null, avatarUrl: null, updatedAt: expect.any(String) });
  expect((await fetchAvatar(app, avatarUrl)).status).toBe(404);
});

test("who leaves WeChat is erased, with all tokens and the avatar", async () => {
  expect((await push(app, messageAbout(person, "user_authorization_cancellation"))).text).toBe("success");
  expect((await client.me(user.token)).outcome).toBe("UNAUTHENTICATED");
  expect((await client.refresh(user.refreshToken)).outcome).toBe("REFRESH_TOKEN_INVALID");
  expect((await fetchAvatar(app, avatarUrl)).status).toBe(404);
  const again = await client.signedIn(person);
  expect(again.isNewUser).toBe(true);
  expect(again.user).toMatchObject({ nickname: null, phone: null });
});

test("nobody else is touched", async () => {
  const other = await client.signedIn("bob");
  await client.updateProfile(other.token, { ...profile, nickname: "Bob" });
  await revoke("6");
  await push(app, messageAbout(person, "user_authorization_cancellation"));
  expect((await client.me(other.token)).data?.me).toMatchObject({ ...profile, nickname: "Bob" });
});

test.each<[string, string, object]>([
  ["user_authorization_revoke", "a withdrawal", { " RevokeInfo": "6" }],
  ["user_info_modified", "a warning", {}],
])("a replay of %s leaves alone what was written since", async (event, _, fields) => {
  const message = messageAbout(person, event, fields);
  const address = { timestamp: String(secondsOf(app)), nonce: newNonce() };
  await push(app, message, address);
  await client.updateProfile(user.token, { nickname: "Alice again" });
  const { avatarUrl: next } = await upload(app, user.token, image);
  await sweep(app);
  expect((await push(app, message, address)).text).toBe("success");
  expect(await me()).toMatchObject({ nickname: "Alice again", avatarUrl: next });
  expect((await fetchAvatar(app, next)).status).toBe(200);
});

test("a replay of a cancellation doesn't erase who has come back", async () => {
  const message = messageAbout(person, "user_authorization_cancellation");
  await push(app, message);
  const again = await client.signedIn(person);
  expect((await push(app, message)).text).toBe("success");
  expect((await client.me(again.token)).outcome).toBe("ok");
});

test("the same message twenty times at once does its work once and harms nothing", async () => {
  const message = messageAbout(person, "user_authorization_revoke", { " RevokeInfo": "6" });
  const before = app.logged.length;
  const answers = await Promise.all(Array.from({ length: 20 }, () => push(app, message)));
  expect(answers.map(({ text }) => text)).toEqual(Array(20).fill("success"));
  expect(await me()).toMatchObject({ nickname: null, avatarUrl: null, email: profile.email });
  const said = app.logged.slice(before).map(({ msg }) => msg);
  expect(said.filter((msg) => msg.startsWith("fields were erased"))).toHaveLength(1);
  expect(said.filter((msg) => msg === "a message of WeChat's came again")).toHaveLength(19);
});

/** Does something while the avatar's file can't be removed, as when the disk fails. */
async function whileStorageFails(work: () => Promise<void>): Promise<void> {
  const file = join(inject("folder"), "avatars", avatarUrl?.split("/").at(-1) ?? "none");
  await rename(file, `${file}.kept`);
  await mkdir(file);
  await work();
  await rmdir(file);
  await rename(`${file}.kept`, file);
}

const fileGoes = () => expect.poll(async () => (await fetchAvatar(app, avatarUrl)).status).toBe(404);

test.each([
  ["a warning", "user_info_modified", {}],
  ["a withdrawal", "user_authorization_revoke", { RevokeInfo: "6" }],
  ["a cancellation", "user_authorization_cancellation", {}],
  ["a disabled person's cancellation", "user_authorization_cancellation", {}],
])(
  "%s that finds the storage down is obeyed at once, and the file goes when the storage is back",
  async (whose, event, fields) => {
    if (whose.startsWith("a disabled")) await disableUser(app, user.user.id);
    await whileStorageFails(async () => {
      expect((await push(app, messageAbout(person, event, fields))).text).toBe("success");
      const row = await app.database.em.fork().findOne(User, user.user.id);
      expect([row?.nickname ?? null, row?.avatar ?? null]).toEqual([null, null]);
    });
    expect((await fetchAvatar(app, avatarUrl)).status).toBe(200);
    await sweep(app);
    await fileGoes();
  },
);

test("a server that is killed between the row and the file leaves nothing that a sweep doesn't find", async () => {
  const em = app.database.em.fork();
  const killed = Promise.withResolvers<never>();
  const asked = Promise.withResolvers<void>();
  const avatarStore = {
    remove() {
      asked.resolve();
      return killed.promise;
    },
  };
  void eraseFields({ em, avatarStore, now: app.now, by: wechat, log: pino({ enabled: false }) }, user.user, ["avatar"]);
  await asked.promise;
  expect((await me())?.avatarUrl).toBeNull();
  await sweep(app);
  await fileGoes();
});

const operator = { name: "olga", origin: "command" } as const;

test("whoever is told that a person is disabled finds that the person stays out, even if WeChat's cancellation comes at once", async () => {
  for (let round = 0; round < 20; round++) {
    const both = `both-${round}`;
    const { user } = await client.signedIn(both);
    const disabling = setTimeout((round % 10) / 2).then(() =>
      disable({ em: app.database.em, now: app.now, by: operator }, user.id),
    );
    await Promise.all([push(app, messageAbout(both, "user_authorization_cancellation")), disabling]);
    const row = await app.database.em.fork().findOne(User, user.id);
    const { outcome } = await client.login(both);
    expect([round, (await disabling).changed, outcome, row?.nickname ?? null]).toEqual(
      (await disabling).changed ? [round, true, "USER_DISABLED", null] : [round, false, "ok", null],
    );
  }
});

/** Does something while the database refuses to change a user, which comes after all that a message does before. */
async function whileUsersAreLocked(work: () => Promise<void>): Promise<void> {
  const em = app.database.em.fork();
  await em.execute(refusal[driver].make);
  await work();
  await em.execute(refusal[driver].end);
}

const refusal = {
  sqlite: {
    make: "create trigger refuse before update on users begin select raise(abort, 'refused'); end",
    end: "drop trigger refuse",
  },
  postgresql: {
    make: "alter table users add constraint refuse check (nickname is not null) not valid",
    end: "alter table users drop constraint refuse",
  },
};

test("what fails half way is neither remembered nor half done, and is handled when it comes again", async () => {
  const message = messageAbout(person, "user_authorization_revoke", { " RevokeInfo": "19,16" });
  const before = await me();
  await whileUsersAreLocked(async () => {
    expect((await push(app, message)).status).toBe(500);
    expect(await me()).toEqual(before);
  });
  expect((await push(app, message)).text).toBe("success");
  expect(await me()).toEqual({ ...before, nickname: null, email: null, updatedAt: expect.any(String) });
});

test("delivered to several servers at once, it is done once, and not to what was written since", async () => {
  const beside = { env: { ...env, DATABASE_URL: app.databaseUrl } };
  const others = driver === "postgresql" ? [await startTestApp(beside), await startTestApp(beside)] : [];
  const servers = [app, ...others];
  for (const round of [1, 2, 3]) {
    const message = messageAbout(person, "user_authorization_revoke", { " RevokeInfo": "6" });
    await client.updateProfile(user.token, { nickname: `Alice ${round}` });
    await upload(app, user.token, image);
    const first = app.logged.length;
    const deliveries = Array.from({ length: 12 }, (_, index) => push(servers[index % servers.length] ?? app, message));
    await Promise.any(deliveries);
    await client.updateProfile(user.token, { nickname: "Alice again" });
    const { avatarUrl: next } = await upload(app, user.token, image);
    expect((await Promise.all(deliveries)).map(({ text }) => text)).toEqual(Array(12).fill("success"));
    expect(await me()).toMatchObject({ nickname: "Alice again", avatarUrl: next });
    expect((await fetchAvatar(app, next)).status).toBe(200);
    const done = [app.logged.slice(first), ...others.map(({ logged }) => logged)].flat();
    expect(done.filter(({ msg, userId }) => msg.startsWith("fields were") && userId === user.user.id)).toHaveLength(1);
    for (const { logged } of others) logged.length = 0;
  }
});

test("a message about somebody who only comes later is not done to them", async () => {
  const message = messageAbout("late", "user_authorization_cancellation");
  expect((await push(app, message)).text).toBe("success");
  const { token } = await client.signedIn("late");
  expect((await push(app, message)).text).toBe("success");
  expect((await client.me(token)).outcome).toBe("ok");
});

test("an avatar that was uploaded since the message came goes too, with its file", async () => {
  const em = app.database.em.fork();
  const found = await em.findOneOrFail(User, user.user.id);
  const { avatarUrl: uploaded } = await upload(app, user.token, image);
  const removed: string[] = [];
  const avatarStore = { remove: async (name: string) => void removed.push(name) };
  await eraseFields({ em, avatarStore, now: app.now, by: wechat, log: pino({ enabled: false }) }, found, ["avatar"]);
  expect((await me())?.avatarUrl).toBeNull();
  expect(removed).toEqual([uploaded?.split("/").at(-1)]);
});

test("a message of one app doesn't reach into another with the same token", async () => {
  await push(app, messageAbout(person, "user_authorization_revoke", { " RevokeInfo": "2", " AppID": secondApp }));
  expect((await me())?.address).toBe(profile.address);
});

test("handled messages are forgotten when their addresses are no good any more, and tell nobody whom they were about", async () => {
  const em = app.database.em.fork();
  await revoke("2");
  expect(await em.count(HandledPush)).toBeGreaterThan(0);
  app.advance(3 * 3_600_000);
  await revoke("2");
  await expect.poll(() => em.count(HandledPush)).toBe(1);
  expect((await em.findAll(HandledPush))[0]?.id).toMatch(/^[\w-]{43}$/);
});

test("the log names the user and the fields, nothing else", async () => {
  await revoke("8");
  expect(app.logged.findLast(({ msg }) => msg.startsWith("fields were erased"))).toMatchObject({
    event: "user_authorization_revoke",
    requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    userId: user.user.id,
    fields: ["phone"],
  });
});

test("the seals of openids and unionids never change, or whoever was barred would come back", () => {
  expect([sealOf(firstApp, "oOpenidOpenid"), sealOf("", "oUnionidUnionid")]).toMatchInlineSnapshot(`
    [
      "sha256:gskpNikUUsO27z7qwBUvDmEql890KhR0JbNHclAX1F4",
      "sha256:mkapdTyzehfK6YxRfnv7q_ThVOSf-UxVSYr7jfpVUpc",
    ]
  `);
});
