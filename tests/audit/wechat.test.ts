import { expect, test } from "vitest";
import { AvatarCheck } from "../../src/avatar/avatar-check.js";
import { User } from "../../src/user/user.js";
import { disableUser } from "../support/accounts.js";
import { auditOf } from "../support/audit.js";
import { plain } from "../support/images.js";
import { messageAbout, push, pushToken } from "../support/push.js";
import { whileRefused } from "../support/refusing.js";
import { startTestApp } from "../support/test-app.js";
import { upload } from "../support/upload.js";

const app = await startTestApp({ env: { WECHAT_PUSH_TOKEN: pushToken, WECHAT_CONTENT_CHECK: "on" } });
const { client } = app;
const image = await plain("red").png().toBuffer();

let people = 0;

/** Somebody new who has filled in a nickname and an address, and an avatar. */
async function join() {
  const person = `w${++people}`;
  const { user, token } = await client.signedIn(person);
  await client.updateProfile(token, { nickname: "Wanda", address: "Nanjing Road" });
  await upload(app, token, image);
  return { person, token, id: user.id };
}

const byWechat = { actor: "WeChat", origin: "push" };

const rowOf = (id: string) => app.database.em.fork().findOne(User, id);

/** What WeChat asks, whether the person was disabled before, and the line. */
const messages: [string, { event: string; fields?: object; isDisabled?: true; line: object }][] = [
  ["somebody leaves", { event: "user_authorization_cancellation", line: { act: "delete", detail: "has left WeChat" } }],
  [
    "somebody leaves who is disabled",
    {
      event: "user_authorization_cancellation",
      isDisabled: true,
      line: { act: "delete", detail: "has left WeChat; stays out" },
    },
  ],
  [
    "somebody takes back what isn't all there",
    {
      event: "user_authorization_revoke",
      fields: { " RevokeInfo": "2,6,8" },
      line: { act: "erase-fields", detail: "address, nickname, avatar" },
    },
  ],
  ["somebody is warned", { event: "user_info_modified", line: { act: "erase-fields", detail: "nickname, avatar" } }],
];

test.each(messages)(
  "that %s leaves one line, however often it is told",
  async (_, { event, fields, isDisabled, line }) => {
    const { person, id } = await join();
    if (isDisabled) await disableUser(app, id);
    const message = messageAbout(person, event, fields);
    await push(app, message);
    await push(app, message);
    expect(await auditOf(app, "--user", id)).toEqual([expect.objectContaining({ ...byWechat, ...line, userId: id })]);
  },
);

test.each(messages)("that %s is neither done nor taken for done if the line can't be written", async (_, asked) => {
  const { person, id } = await join();
  if (asked.isDisabled) await disableUser(app, id);
  const before = await rowOf(id);
  const message = messageAbout(person, asked.event, asked.fields);
  const refused = await whileRefused(app, "insert on audit_entries", () => push(app, message));
  expect(refused.status).toBe(500);
  expect(await rowOf(id)).toEqual(before);
  expect((await push(app, message)).text).toBe("success");
  expect(await rowOf(id)).not.toEqual(before);
  expect(await auditOf(app, "--user", id)).toHaveLength(1);
});

test("what there was nothing of to erase leaves no line, and nor does what failed", async () => {
  const { person, id } = await join();
  await push(app, messageAbout(person, "user_authorization_revoke", { " RevokeInfo": "8,16" }));
  const message = messageAbout(person, "user_authorization_revoke", { " RevokeInfo": "2" });
  expect((await whileRefused(app, "update on users", () => push(app, message))).status).toBe(500);
  expect(await auditOf(app, "--user", id)).toEqual([]);
});

test("an avatar that WeChat calls risky leaves a line, unless it was replaced meanwhile", async () => {
  const { id, token } = await join();
  const check = await app.database.em.fork().findOneOrFail(AvatarCheck, { user: id });
  const verdict = { MsgType: "event", Event: "wxa_media_check", " trace_id": check.traceId };
  const risky = { ...verdict, result: { suggest: "risky", label: "20002" } };
  const before = await rowOf(id);
  expect((await whileRefused(app, "insert on audit_entries", () => push(app, risky))).status).toBe(500);
  expect(await rowOf(id)).toEqual(before);
  expect((await push(app, risky)).text).toBe("success");
  expect((await rowOf(id))?.avatar).toBeNull();
  const line = { ...byWechat, act: "erase-fields", detail: "avatar, which is risky" };
  expect(await auditOf(app, "--user", id)).toEqual([expect.objectContaining(line)]);

  await upload(app, token, image);
  const replaced = await app.database.em.fork().findOneOrFail(AvatarCheck, { user: id });
  await upload(app, token, await plain("blue").png().toBuffer());
  await push(app, { ...risky, " trace_id": replaced.traceId });
  expect((await rowOf(id))?.avatar).not.toBeNull();
  expect(await auditOf(app, "--user", id)).toHaveLength(1);
});
