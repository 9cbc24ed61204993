import { text } from "node:stream/consumers";
import { beforeEach, expect, test } from "vitest";
import { plain } from "../support/images.js";
import { pushToken } from "../support/push.js";
import { startScriptedWechat } from "../support/scripted-wechat.js";
import { startTestApp } from "../support/test-app.js";
import { fetchAvatar, upload } from "../support/upload.js";

const wechat = await startScriptedWechat();
const app = await startTestApp({
  env: { ...wechat.env, WECHAT_CONTENT_CHECK: "on", WECHAT_PUSH_TOKEN: pushToken },
});

const image = await plain("red").png().toBuffer();

/** The bodies of the checks that came, as they were on the wire. */
const bodies: string[] = [];

/** What the scripted WeChat answers to a check. */
let answer: object;

wechat.answer(async (response, request) => {
  const url = new URL(request.url ?? "/", "http://wechat.test");
  const send = (value: object) => response.end(JSON.stringify(value));
  if (url.pathname === "/sns/jscode2session") return send({ openid: `openid-${url.searchParams.get("js_code")}` });
  if (url.pathname === "/cgi-bin/stable_token") return send({ access_token: "server-token-1", expires_in: 7_200 });
  bodies.push(`${url.pathname} ${await text(request)}`);
  return send(answer);
});

beforeEach(() => {
  bodies.length = 0;
  answer = { errcode: 0, errmsg: "ok", trace_id: "967e945cd8a3e458f3c74dcb886068e9" };
});

test("WeChat gets the public address of the new image, and its owner's openid", async () => {
  const { token } = await app.client.signedIn("alice");
  const { avatarUrl } = await upload(app, token, image);
  expect(avatarUrl).toMatch(/^http:\/\/wxpass\.test\/avatars\//);
  expect(bodies).toEqual([
    `/wxa/media_check_async {"media_url":"${avatarUrl}","media_type":2,"version":2,"scene":1,"openid":"openid-alice"}`,
  ]);
});

test.each<[string, object, string, string]>([
  ["61010", { errcode: 61010, errmsg: "code is expired" }, "WX_BUSY", "NEW_CODE"],
  ["45009", { errcode: 45009, errmsg: "reach max api daily quota limit" }, "WX_RATE_LIMITED", "LATER"],
  ["48001", { errcode: 48001, errmsg: "api unauthorized" }, "WX_MISCONFIGURED", "NEVER"],
  ["99999", { errcode: 99999, errmsg: "no sense" }, "WX_BUSY", "LATER"],
  ["no name for the check", { errcode: 0, errmsg: "ok" }, "WX_BUSY", "NEW_CODE"],
])("when WeChat answers %s the upload fails and changes nothing", async (_, refusal, code, retry) => {
  const { token } = await app.client.signedIn("bob");
  answer = { errcode: 0, trace_id: `first-${code}-${bodies.length}-${Math.random()}`.replace(".", "") };
  const { avatarUrl } = await upload(app, token, image);
  answer = refusal;
  const { status, errors } = await upload(app, token, await plain("blue").png().toBuffer());
  expect(status).toBe(200);
  expect(errors[0]?.extensions).toMatchObject({ code, retry });
  expect(errors[0]?.extensions.retryAfter).toEqual(retry === "LATER" ? expect.any(Number) : undefined);
  expect(errors[0]?.message).toContain("头像");
  expect((await app.client.me(token)).data?.me?.avatarUrl).toBe(avatarUrl);
  const unsaved: string = JSON.parse(bodies.at(-1)?.replace(/^\S+ /, "") ?? "{}").media_url;
  expect(unsaved).not.toBe(avatarUrl);
  expect((await fetchAvatar(app, unsaved)).status).toBe(404);
  expect((await fetchAvatar(app, avatarUrl)).status).toBe(200);
});
