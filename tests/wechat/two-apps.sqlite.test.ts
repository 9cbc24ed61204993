import { randomUUID } from "node:crypto";
import { text } from "node:stream/consumers";
import { beforeEach, expect, test } from "vitest";
import { plain } from "../support/images.js";
import { keepSecret } from "../support/log-search.js";
import { pushToken } from "../support/push.js";
import { appSecret, startScriptedWechat } from "../support/scripted-wechat.js";
import { startTestApp } from "../support/test-app.js";
import { upload } from "../support/upload.js";

const wechat = await startScriptedWechat();

/** What came with calls that need a server token: its path, the token and the openid. */
const calls: string[] = [];

/** Each app knows Alice by an openid of its own, and both by one unionid. */
wechat.answer(async (response, request) => {
  const url = new URL(request.url ?? "/", "http://wechat.test");
  const send = (answer: object) => response.end(JSON.stringify(answer));
  if (url.pathname === "/sns/jscode2session") {
    return send({ openid: `openid-in-${url.searchParams.get("appid")}`, unionid: "unionid-of-alice" });
  }
  const body = JSON.parse(await text(request));
  if (url.pathname === "/cgi-bin/stable_token") {
    keepSecret(`server-token-of-${body.appid}`);
    return send({ access_token: `server-token-of-${body.appid}`, expires_in: 7_200 });
  }
  const token = url.searchParams.get("access_token");
  calls.push(`${url.pathname} ${token} ${body.openid}`);
  const phone_info = {
    purePhoneNumber: "13800138000",
    countryCode: "86",
    watermark: { appid: token?.replace("server-token-of-", "") },
  };
  return send({ phone_info, result: { suggest: "pass" }, trace_id: randomUUID() });
});

const app = await startTestApp({
  env: {
    ...wechat.env,
    WECHAT_APPS: `wxone:${appSecret},wxtwo:${appSecret}`,
    WECHAT_CONTENT_CHECK: "on",
    WECHAT_PUSH_TOKEN: pushToken,
  },
});
const { client } = app;

beforeEach(() => {
  calls.length = 0;
});

test.each(["wxone", "wxtwo", "wxone"])(
  "what one account does in %s is asked with that app's token and openid",
  async (appId) => {
    const { token } = await client.signedIn("a-code-of-alice", { appId });
    expect((await client.bindPhone(token, "phone-code-of-alice")).outcome).toBe("ok");
    expect((await client.updateProfile(token, { nickname: `Alice in ${appId}` })).outcome).toBe("ok");
    expect((await upload(app, token, await plain("red").png().toBuffer())).outcome).toBe("ok");
    expect(calls).toEqual(
      ["/wxa/business/getuserphonenumber", "/wxa/msg_sec_check", "/wxa/media_check_async"].map(
        (path) => `${path} server-token-of-${appId} openid-in-${appId}`,
      ),
    );
  },
);

test("it is one account", async () => {
  const users = ["wxone", "wxtwo"].map((appId) => client.signedIn("a-code-of-alice", { appId }));
  const [one, two] = await Promise.all(users);
  expect(one?.user.id).toBe(two?.user.id);
});
