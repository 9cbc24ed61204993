import { expect, test } from "vitest";
import { AvatarCheck } from "../../src/avatar/avatar-check.js";
import { plain } from "../support/images.js";
import { aesKey, lastAesKey, pushToken } from "../support/push.js";
import { startTestApp, type TestApp } from "../support/test-app.js";
import { fetchAvatar, upload } from "../support/upload.js";

const open = await startTestApp({ env: { WECHAT_PUSH_TOKEN: pushToken, WECHAT_CONTENT_CHECK: "on" } });
const keyed = await startTestApp({
  env: {
    WECHAT_PUSH_TOKEN: pushToken,
    WECHAT_PUSH_AES_KEY: `${lastAesKey},${aesKey}`,
    WECHAT_CONTENT_CHECK: "on",
  },
});

const simulate = async (app: TestApp, query: Record<string, string>): Promise<unknown> =>
  (await fetch(`${app.simulatorUrl}/simulator/push?${new URLSearchParams(query)}`)).json();

const revocation = { event: "user_authorization_revoke", person: "alice", RevokeInfo: "2" };

let people = 0;

/** Somebody new who has an address, with the message that takes it back: of two alike in a second, the second does nothing. */
async function withAddress({ client }: TestApp) {
  const person = `alice${++people}`;
  const { token } = await client.signedIn(person);
  await client.updateProfile(token, { nickname: "Alice", address: "Christ Church" });
  return { message: { ...revocation, person }, address: async () => (await client.me(token)).data?.me?.address };
}

const forms = [
  [open, "plain", "json"],
  [open, "plain", "xml"],
  [keyed, "compatible", "json"],
  [keyed, "compatible", "xml"],
  [keyed, "safe", "json"],
  [keyed, "safe", "xml"],
] as const;

test.each(forms)("in every form it signs and sends a message, which is obeyed (%#)", async (app, mode, format) => {
  const { message, address } = await withAddress(app);
  expect(await simulate(app, { ...message, mode, format })).toEqual({ status: 200, answer: "success" });
  expect(await address()).toBeNull();
});

test.each(forms)("so it does with a verdict of either version (%#)", async (app, mode, format) => {
  for (const version of ["1", "2"]) {
    const { token } = await app.client.signedIn("bob");
    const { avatarUrl } = await upload(app, token, await plain("red").png().toBuffer());
    const verdict = { event: "wxa_media_check", person: "bob", suggest: "risky", version, mode, format };
    expect(await simulate(app, verdict)).toEqual({ status: 200, answer: "success" });
    expect((await fetchAvatar(app, avatarUrl)).status).toBe(404);
    expect((await app.client.me(token)).data?.me?.avatarUrl).toBeNull();
    expect(await app.database.em.fork().count(AvatarCheck)).toBe(0);
  }
});

test("without a word it sends what the server is set up for", async () => {
  for (const app of [open, keyed]) {
    const { message, address } = await withAddress(app);
    expect(await simulate(app, message)).toEqual({ status: 200, answer: "success" });
    expect(await address()).toBeNull();
  }
});

test("what it sends in clear text to a server with a key is refused", async () => {
  const { message, address } = await withAddress(keyed);
  expect(await simulate(keyed, { ...message, mode: "plain" })).toMatchObject({ status: 403 });
  expect(await address()).toBe("Christ Church");
});

test.each([
  ["about nobody", { event: "user_info_modified" }],
  ["of an app that nobody knows", { event: "user_info_modified", person: "alice", appid: "wx00000000000000ff" }],
  ["on an image that was never checked", { event: "wxa_media_check", person: "alice", suggest: "risky" }],
  ["in safe mode without a key", { ...revocation, mode: "safe" }],
  ["in a mode that there isn't", { ...revocation, mode: "secret" }],
  ["in a format that there isn't", { ...revocation, format: "yaml" }],
])("it sends no message %s", async (_, query) => {
  expect(await simulate(open, query)).toMatchObject({ errcode: 40097 });
});

test("it sends none at all without the token", async () => {
  expect(await simulate(await startTestApp(), revocation)).toMatchObject({ errcode: 40097 });
});
