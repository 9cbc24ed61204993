import { expect, test } from "vitest";
import { pushToken } from "../support/push.js";
import { startTestApp } from "../support/test-app.js";

const app = await startTestApp({ env: { WECHAT_PUSH_TOKEN: pushToken } });

const simulate = async (query: Record<string, string>): Promise<unknown> =>
  (await fetch(`${app.simulatorUrl}/simulator/push?${new URLSearchParams(query)}`)).json();

test("the simulator signs and sends a message, and says what came back", async () => {
  const { token } = await app.client.signedIn("alice");
  await app.client.updateProfile(token, { nickname: "Alice", address: "Christ Church" });
  const sent = await simulate({ event: "user_authorization_revoke", person: "alice", RevokeInfo: "2" });
  expect(sent).toEqual({ status: 200, answer: "success" });
  expect((await app.client.me(token)).data?.me).toMatchObject({ nickname: "Alice", address: null });
});

test.each([
  ["about nobody", { event: "user_info_modified" }],
  ["of an app that nobody knows", { event: "user_info_modified", person: "alice", appid: "wx00000000000000ff" }],
  ["on an image that was never checked", { event: "wxa_media_check", person: "alice", suggest: "risky" }],
])("it sends no message %s", async (_, query) => {
  expect(await simulate(query)).toMatchObject({ errcode: 40097 });
});

test("it sends none at all without the token", async () => {
  const plain = await startTestApp();
  const response = await fetch(`${plain.simulatorUrl}/simulator/push?event=user_info_modified&person=alice`);
  expect(await response.json()).toMatchObject({ errcode: 40097 });
});
