import { mkdir, rename, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, inject, test } from "vitest";
import { AvatarCheck } from "../../src/avatar/avatar-check.js";
import { newFileName } from "../../src/storage/file-store.js";
import { User } from "../../src/user/user.js";
import { disableUser } from "../support/accounts.js";
import { plain } from "../support/images.js";
import { messageAbout, push, pushToken } from "../support/push.js";
import { type LogLine, startTestApp } from "../support/test-app.js";
import { fetchAvatar, upload } from "../support/upload.js";

const app = await startTestApp({ env: { WECHAT_PUSH_TOKEN: pushToken, WECHAT_CONTENT_CHECK: "on" } });
const { client } = app;

const image = await plain("red").png().toBuffer();

/** Has the simulator send its verdict on the person's latest image. */
async function judge(person: string, suggest: string): Promise<unknown> {
  const query = new URLSearchParams({ event: "wxa_media_check", person, suggest });
  return (await fetch(`${app.simulatorUrl}/simulator/push?${query}`)).json();
}

/** How many avatars wait for their verdict. */
const checks = ({ database } = app) => database.em.fork().count(AvatarCheck, { user: { $ne: null } });

const avatarOf = async (token: string) => (await client.me(token)).data?.me?.avatarUrl;

test.each([
  ["pass", undefined],
  ["review", "WeChat wants a person to review an avatar; it stays"],
])("with the verdict %s the avatar stays", async (suggest, line) => {
  const { token, user } = await client.signedIn("alice");
  const { avatarUrl } = await upload(app, token, image);
  expect(await checks()).toBe(1);
  expect(await judge("alice", suggest)).toEqual({ status: 200, answer: "success" });
  expect(await avatarOf(token)).toBe(avatarUrl);
  expect((await fetchAvatar(app, avatarUrl)).status).toBe(200);
  expect(await checks()).toBe(0);
  if (line) expect(app.logged.find(({ msg }) => msg === line)).toMatchObject({ userId: user.id });
});

test("a risky avatar is removed, and its file", async () => {
  const { token, user } = await client.signedIn("bob");
  const { avatarUrl } = await upload(app, token, image);
  expect(await judge("bob", "risky")).toEqual({ status: 200, answer: "success" });
  expect(await avatarOf(token)).toBeNull();
  expect((await fetchAvatar(app, avatarUrl)).status).toBe(404);
  expect(await checks()).toBe(0);
  expect(app.logged.find(({ msg }) => msg.startsWith("WeChat calls an avatar risky"))).toMatchObject({
    userId: user.id,
    label: 20002,
  });
});

/** Sends a verdict on one check, whichever it is. */
const verdictOn = (traceId: string | undefined, fields: object) =>
  push(app, { MsgType: "event", Event: "wxa_media_check", " trace_id": traceId, ...fields });

const risky = { result: { suggest: "risky", label: "20002" } };

const latestCheck = async () => (await app.database.em.fork().findOne(AvatarCheck, { user: { $ne: null } }))?.traceId;

test("a verdict on an avatar that was replaced leaves the new one alone", async () => {
  const { token } = await client.signedIn("carol");
  await upload(app, token, image);
  const replaced = await latestCheck();
  const { avatarUrl } = await upload(app, token, await plain("blue").png().toBuffer());
  expect((await verdictOn(replaced, risky)).text).toBe("success");
  expect(await avatarOf(token)).toBe(avatarUrl);
  expect((await fetchAvatar(app, avatarUrl)).status).toBe(200);
  await judge("carol", "risky");
  expect(await avatarOf(token)).toBeNull();
});

test("a verdict that comes again does nothing", async () => {
  const { token } = await client.signedIn("dave");
  await upload(app, token, image);
  const check = await latestCheck();
  await verdictOn(check, risky);
  const { avatarUrl } = await upload(app, token, image);
  expect((await verdictOn(check, risky)).text).toBe("success");
  expect((await verdictOn(check, { ...risky, CreateTime: 2 })).text).toBe("success");
  expect(await avatarOf(token)).toBe(avatarUrl);
  await judge("dave", "pass");
});

test.each<[string, object, string]>([
  ["a risk of version 1", { isrisky: 1, status_code: 0 }, "removed"],
  ["a risk of version 1 in text", { isrisky: "1", status_code: "0" }, "removed"],
  ["a risk that version 2 doesn't see", { isrisky: 1, result: { suggest: "pass" } }, "removed"],
  ["no risk of version 1", { isrisky: 0, status_code: 0 }, "kept"],
  ["no risk of version 1 without a status", { isrisky: 0 }, "kept"],
  ["a download that failed in version 1", { isrisky: 0, status_code: 4_294_966_288 }, "unchecked"],
  ["something else", { isrisky: "maybe" }, "unchecked"],
])("with %s the avatar is %s", async (_, fields, outcome) => {
  const { token } = await client.signedIn("kate");
  const { avatarUrl } = await upload(app, token, image);
  const before = app.logged.length;
  expect((await verdictOn(await latestCheck(), { appid: "wx0000000000000001", ...fields })).text).toBe("success");
  expect(await avatarOf(token)).toBe(outcome === "removed" ? null : avatarUrl);
  expect((await fetchAvatar(app, avatarUrl)).status).toBe(outcome === "removed" ? 404 : 200);
  expect(app.logged.slice(before).some(({ msg }) => msg.startsWith("WeChat could not check"))).toBe(
    outcome === "unchecked",
  );
  expect(await checks()).toBe(0);
});

test("a risky avatar goes at once even if the storage is down, and its file when the storage is back", async () => {
  const { token } = await client.signedIn("lena");
  const { avatarUrl } = await upload(app, token, image);
  const file = join(inject("folder"), "avatars", avatarUrl?.split("/").at(-1) ?? "none");
  await rename(file, `${file}.kept`);
  await mkdir(file);
  expect((await verdictOn(await latestCheck(), risky)).text).toBe("success");
  expect(await avatarOf(token)).toBeNull();
  await rmdir(file);
  await rename(`${file}.kept`, file);
  app.advance(61_000);
  await client.me();
  await expect.poll(async () => (await fetchAvatar(app, avatarUrl)).status).toBe(404);
});

/** An app that learns each verdict before the name of the check, or so many milliseconds after WeChat has sent that. */
async function startHasty(fields: object, delayMs?: () => number) {
  const pushed: Promise<unknown>[] = [];
  const hasty = await startTestApp({
    env: { WECHAT_PUSH_TOKEN: pushToken, WECHAT_CONTENT_CHECK: "on" },
    async fetch(input, init) {
      const response = await fetch(input, init);
      if (!String(input).includes("media_check_async")) return response;
      const { trace_id } = (await response.clone().json()) as { trace_id: string };
      const sent = (delayMs ? setTimeout(delayMs()) : Promise.resolve()).then(() =>
        push(hasty, { MsgType: "event", Event: "wxa_media_check", trace_id, ...fields }),
      );
      pushed.push(sent);
      if (!delayMs) await sent;
      return response;
    },
  });
  return { hasty, pushed };
}

test("an avatar that WeChat calls risky before it has named the check is refused, and the one before stays", async () => {
  const { hasty } = await startHasty(risky);
  const { token, user } = await hasty.client.signedIn("nina");
  const before = newFileName();
  await hasty.database.em.fork().nativeUpdate(User, { id: user.id }, { avatar: before });
  expect(await upload(hasty, token, image)).toMatchObject({ outcome: "CONTENT_REJECTED" });
  expect((await hasty.client.me(token)).data?.me?.avatarUrl).toContain(before);
  expect(await checks(hasty)).toBe(0);
});

test.each([
  ["pass", { result: { suggest: "pass" } }, undefined],
  ["review", { result: { suggest: "review" } }, "WeChat wants a person to review an avatar; it stays"],
  ["none", { errcode: -1008 }, "WeChat could not check an avatar; it stays: can WeChat fetch from PUBLIC_URL?"],
])(
  "with the verdict %s before the name of the check the avatar stays, and nothing is left of the check",
  async (_, fields, line) => {
    const { hasty } = await startHasty(fields);
    const { token, user } = await hasty.client.signedIn("olga");
    const { avatarUrl } = await upload(hasty, token, image);
    expect((await hasty.client.me(token)).data?.me?.avatarUrl).toBe(avatarUrl);
    expect((await fetchAvatar(hasty, avatarUrl)).status).toBe(200);
    expect(await hasty.database.em.fork().count(AvatarCheck)).toBe(0);
    if (line) expect(hasty.logged.find(({ msg }) => msg === line)).toMatchObject({ userId: user.id });
  },
);

test("whenever the verdict comes, a risky avatar stays nobody's", async () => {
  let round = 0;
  const { hasty, pushed } = await startHasty(risky, () => (round % 10) / 2);
  const { token } = await hasty.client.signedIn("pia");
  for (; round < 20; round++) {
    const { outcome, avatarUrl } = await upload(hasty, token, image);
    expect(["ok", "CONTENT_REJECTED"]).toContain(outcome);
    expect(await pushed.at(-1)).toMatchObject({ text: "success" });
    expect([round, (await hasty.client.me(token)).data?.me?.avatarUrl]).toEqual([round, null]);
    if (avatarUrl) expect((await fetchAvatar(hasty, avatarUrl)).status).toBe(404);
    expect(await checks(hasty)).toBe(0);
  }
});

test("a verdict on what nobody here has asked for is kept for an hour, once however often it comes", async () => {
  const orphans = () => app.database.em.fork().find(AvatarCheck, { user: null });
  app.advance(3_600_001);
  await client.me();
  await expect.poll(orphans).toEqual([]);
  for (const CreateTime of [1, 2, 3])
    expect((await verdictOn("long-ago", { ...risky, CreateTime })).text).toBe("success");
  expect(await orphans()).toMatchObject([{ traceId: "long-ago", suggest: "risky", avatar: null }]);
  app.advance(3_600_001);
  await client.me();
  await expect.poll(orphans).toEqual([]);
});

test("a verdict that comes ten times at once is obeyed once", async () => {
  const { token, user } = await client.signedIn("mary");
  await upload(app, token, image);
  const message = { Event: "wxa_media_check", trace_id: await latestCheck(), ...risky };
  const answers = await Promise.all(Array.from({ length: 10 }, () => push(app, message)));
  expect(answers.map(({ text }) => text)).toEqual(Array(10).fill("success"));
  expect(await avatarOf(token)).toBeNull();
  const removed = ({ msg, userId }: LogLine) => msg.startsWith("WeChat calls an avatar risky") && userId === user.id;
  expect(app.logged.filter(removed)).toHaveLength(1);
});

test("an image that WeChat could not fetch stays, and the operator is told", async () => {
  const { token } = await client.signedIn("erin");
  const { avatarUrl } = await upload(app, token, image);
  await verdictOn(await latestCheck(), { errcode: -1008, errmsg: "download failed", detail: [] });
  expect(await avatarOf(token)).toBe(avatarUrl);
  expect(app.logged.findLast(({ msg }) => msg.startsWith("WeChat could not check an avatar"))?.level).toBe(50);
});

test("a check goes with its user", async () => {
  const { token } = await client.signedIn("fred");
  await upload(app, token, image);
  const check = await latestCheck();
  await client.request("mutation { deleteAccount }", { token });
  expect(await checks()).toBe(0);
  expect((await verdictOn(check, risky)).text).toBe("success");
});

test("no check is left of a disabled person who leaves WeChat", async () => {
  const { token, user } = await client.signedIn("fran");
  await upload(app, token, image);
  await disableUser(app, user.id);
  await push(app, messageAbout("fran", "user_authorization_cancellation"));
  expect(await checks()).toBe(0);
});

test("checks whose verdict never comes are forgotten after a week, and not before", async () => {
  const { token } = await client.signedIn("gina");
  await upload(app, token, image);
  const late = await latestCheck();
  app.advance(6 * 86_400_000);
  const next = await client.signedIn("gina");
  expect(await latestCheck()).toBe(late);
  app.advance(2 * 86_400_000);
  await client.me(next.token);
  await expect.poll(() => checks()).toBe(0);
});

test("what is held about a check is exported, but not its name, by which one could forge the verdict", async () => {
  const { token } = await client.signedIn("hugo");
  const { avatarUrl } = await upload(app, token, image);
  const { data } = await client.request("{ exportMyData }", { token });
  expect(data?.exportMyData?.avatarChecks).toEqual([
    { avatar: avatarUrl?.split("/").at(-1), createdAt: expect.any(String) },
  ]);
  const traceId = await latestCheck();
  expect(traceId).toMatch(/./);
  expect(JSON.stringify(data)).not.toContain(traceId);
});

test.each<[string, Record<string, string>]>([
  ["the content check", { WECHAT_PUSH_TOKEN: pushToken }],
  ["a place for the verdict", { WECHAT_CONTENT_CHECK: "on" }],
])("without %s avatars are not checked", async (_, env) => {
  const unchecked = await startTestApp({ env });
  const { token } = await unchecked.client.signedIn("iris");
  expect((await upload(unchecked, token, image)).outcome).toBe("ok");
  expect(await unchecked.database.em.fork().count(AvatarCheck)).toBe(0);
});
