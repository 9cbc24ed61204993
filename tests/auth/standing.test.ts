import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { User } from "../../src/user/user.js";
import { disableUser, endSessions } from "../support/accounts.js";
import { plain } from "../support/images.js";
import { keepSecret } from "../support/log-search.js";
import { pushToken } from "../support/push.js";
import { startScriptedWechat } from "../support/scripted-wechat.js";
import { startTestApp } from "../support/test-app.js";
import { upload } from "../support/upload.js";

const wechat = await startScriptedWechat();
const app = await startTestApp({ env: { ...wechat.env, WECHAT_CONTENT_CHECK: "on", WECHAT_PUSH_TOKEN: pushToken } });
const { client } = app;

const phone = "13800138088";
keepSecret(phone);

const answers: Record<string, object> = {
  "/cgi-bin/stable_token": { access_token: "a-server-token", expires_in: 7_200 },
  get "/wxa/media_check_async"() {
    return { errcode: 0, trace_id: randomUUID() };
  },
  "/wxa/msg_sec_check": { errcode: 0, result: { suggest: "pass", label: 100 } },
  "/wxa/business/getuserphonenumber": {
    errcode: 0,
    phone_info: {
      phoneNumber: phone,
      purePhoneNumber: phone,
      countryCode: "86",
      watermark: { timestamp: 1_700_000_000, appid: "wxscripted" },
    },
  },
};

let people = 0;

/** Signs a person in; from then on WeChat answers calls to this path, or a second sign-in, only when it is told to. */
async function signedInWith(slowPath: string) {
  const person = `person-${++people}`;
  const asked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  let signedIn = false;
  keepSecret(`openid-${person}`);
  const login = { openid: `openid-${person}`, session_key: "AAAAAAAAAAAAAAAAAAAAAA==" };
  wechat.answer(async (response: ServerResponse, request) => {
    const path = new URL(request.url ?? "/", "http://wechat.test").pathname;
    if (path === slowPath && signedIn) {
      asked.resolve();
      await released.promise;
    }
    response.end(JSON.stringify(answers[path] ?? login));
  });
  const caller = await client.signedIn(`code-of-${person}`);
  signedIn = true;
  return { ...caller, asked: asked.promise, release: released.resolve };
}

const endings = {
  logout: {
    end: ({ token }: { token: string }) => client.request("mutation { logout }", { token }),
    outcome: "UNAUTHENTICATED",
  },
  "the end of all sessions": {
    end: ({ user }: { user: { id: string } }) => endSessions(app, user.id),
    outcome: "UNAUTHENTICATED",
  },
  "its time has run out": {
    end: async () => app.advance(31 * 86_400_000),
    outcome: "UNAUTHENTICATED",
  },
  disabling: { end: ({ user }: { user: { id: string } }) => disableUser(app, user.id), outcome: "USER_DISABLED" },
};

const image = await plain("red").png().toBuffer();

const writes = {
  "an upload": { path: "/wxa/media_check_async", run: (token: string) => upload(app, token, image) },
  updateProfile: {
    path: "/wxa/msg_sec_check",
    run: (token: string) => client.updateProfile(token, { nickname: "Late" }),
  },
  bindPhone: {
    path: "/wxa/business/getuserphonenumber",
    run: (token: string) => client.bindPhone(token, "a-phone-code"),
  },
  "bindPhone with takeOver": {
    path: "/wxa/business/getuserphonenumber",
    run: (token: string) =>
      client.request('mutation { bindPhone(code: "another-phone-code", takeOver: true) { id } }', { token }),
  },
  deleteAccount: {
    path: "/sns/jscode2session",
    run: (token: string) => client.request('mutation { deleteAccount(code: "a-login-code") }', { token }),
  },
  exportMyData: {
    path: "/sns/jscode2session",
    run: (token: string) => client.request('{ exportMyData(code: "another-login-code") }', { token }),
  },
};

const cases = Object.entries(writes).flatMap(([write, { path, run }]) =>
  Object.entries(endings).map(([ending, { end, outcome }]) => ({ write, path, run, ending, end, outcome })),
);

test.each(cases)("$write does nothing any more after $ending while WeChat is asked", async (given) => {
  const caller = await signedInWith(given.path);
  const late = given.run(caller.token);
  await caller.asked;
  await given.end(caller);
  const before = await app.database.em.fork().findOneOrFail(User, caller.user.id);
  caller.release();
  const answer = await late;
  expect(answer.outcome).toBe(given.outcome);
  expect(answer.text).not.toContain("openid");
  expect(await app.database.em.fork().findOneOrFail(User, caller.user.id)).toEqual(before);
});

test("all of them are done while the session stands", async () => {
  const caller = await signedInWith("none");
  const outcomes: string[] = [];
  for (const name of ["updateProfile", "bindPhone", "exportMyData", "deleteAccount"] as const) {
    outcomes.push((await writes[name].run(caller.token)).outcome);
  }
  expect(outcomes).toEqual(["ok", "ok", "ok", "ok"]);
  expect(await app.database.em.fork().findOne(User, caller.user.id)).toBeNull();
});

test("a number stays with its holder if whoever takes it over has logged out while WeChat was asked", async () => {
  const holder = await signedInWith("none");
  expect((await client.bindPhone(holder.token, "a-code-of-the-holder")).outcome).toBe("ok");
  const taker = await signedInWith(writes["bindPhone with takeOver"].path);
  const late = writes["bindPhone with takeOver"].run(taker.token);
  await taker.asked;
  await endings.logout.end(taker);
  taker.release();
  expect((await late).outcome).toBe("UNAUTHENTICATED");
  expect((await client.me(holder.token)).data?.me?.phone).toBe(`+86${phone}`);
});
