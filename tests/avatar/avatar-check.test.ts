import { expect, test } from "vitest";
import { AvatarCheck } from "../../src/avatar/avatar-check.js";
import { plain } from "../support/images.js";
import { push, pushToken } from "../support/push.js";
import { startTestApp } from "../support/test-app.js";
import { fetchAvatar, upload } from "../support/upload.js";

const app = await startTestApp({ env: { WECHAT_PUSH_TOKEN: pushToken, WECHAT_CONTENT_CHECK: "on" } });
const { client } = app;

const image = await plain("red").png().toBuffer();

/** Has the simulator send its verdict on the person's latest image. */
async function judge(person: string, suggest: string): Promise<unknown> {
  const query = new URLSearchParams({ event: "wxa_media_check", person, suggest });
  return (await fetch(`${app.simulatorUrl}/simulator/push?${query}`)).json();
}

const checks = () => app.database.em.fork().count(AvatarCheck);

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

const latestCheck = async () => (await app.database.em.fork().findAll(AvatarCheck))[0]?.traceId;

test("a verdict on an avatar that was replaced leaves the new one alone", async () => {
  const { token } = await client.signedIn("carol");
  await upload(app, token, image);
  const replaced = await latestCheck();
  const { avatarUrl } = await upload(app, token, await plain("blue").png().toBuffer());
  expect((await verdictOn(replaced, risky)).text).toBe("success");
  expect(await avatarOf(token)).toBe(avatarUrl);
  expect((await fetchAvatar(app, avatarUrl)).status).toBe(200);
  await judge("carol", "pass");
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

test("checks whose verdict never comes are forgotten", async () => {
  const { token } = await client.signedIn("gina");
  await upload(app, token, image);
  app.advance(8 * 86_400_000);
  const again = await client.signedIn("gina");
  await upload(app, again.token, image);
  expect(await checks()).toBe(1);
});

test("what is held about a check is exported", async () => {
  const { token } = await client.signedIn("hugo");
  const { avatarUrl } = await upload(app, token, image);
  const { data } = await client.request("{ exportMyData }", { token });
  expect(data?.exportMyData?.avatarChecks).toEqual([
    { traceId: expect.any(String), avatar: avatarUrl?.split("/").at(-1), createdAt: expect.any(String) },
  ]);
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
