import { expect, test } from "vitest";
import { countRows, disableUser } from "../support/accounts.js";
import { keepSecret } from "../support/log-search.js";
import { appSecret, startScriptedWechat } from "../support/scripted-wechat.js";
import { startTestApp } from "../support/test-app.js";

const wechat = await startScriptedWechat();
const app = await startTestApp({ env: { ...wechat.env, WECHAT_APPS: `wxone:${appSecret},wxtwo:${appSecret}` } });

const warnings = () => app.logged.filter((line) => line.msg.startsWith("a unionid belongs to another user"));

/** Signs in at an app for which WeChat gives this identity. */
async function signIn(appId: "wxone" | "wxtwo", openid: string, unionid?: unknown) {
  keepSecret(openid, typeof unionid === "string" ? unionid : undefined);
  wechat.answerJson({ openid, session_key: "AAAAAAAAAAAAAAAAAAAAAA==", ...(unionid !== undefined && { unionid }) });
  const { user, isNewUser } = await app.client.signedIn("any-code", { appId });
  return { id: user.id, isNewUser };
}

test("a new identity whose unionid is known joins its user", async () => {
  const { id } = await signIn("wxone", "oAliceInOne", "oAliceEverywhere");
  const before = await countRows(app);
  expect(await signIn("wxtwo", "oAliceInTwo", "oAliceEverywhere")).toEqual({ id, isNewUser: false });
  expect(await countRows(app)).toEqual({
    ...before,
    identities: before.identities + 1,
    sessions: before.sessions + 1,
  });
});

test("a unionid that appears later is kept, and then joins a new identity", async () => {
  const { id } = await signIn("wxone", "oBobInOne");
  expect(await signIn("wxone", "oBobInOne", "oBobEverywhere")).toEqual({ id, isNewUser: false });
  expect(await signIn("wxone", "oBobInOne", "oBobEverywhere")).toEqual({ id, isNewUser: false });
  expect(await signIn("wxtwo", "oBobInTwo", "oBobEverywhere")).toEqual({ id, isNewUser: false });
});

test("a unionid that belongs to another user leaves both accounts as they are, and is logged", async () => {
  const one = await signIn("wxone", "oCarolInOne");
  const two = await signIn("wxtwo", "oCarolInTwo", "oCarolEverywhere");
  expect(two).toMatchObject({ isNewUser: true });
  expect(two.id).not.toBe(one.id);
  const rows = await countRows(app);

  const before = warnings().length;
  expect(await signIn("wxone", "oCarolInOne", "oCarolEverywhere")).toEqual({ id: one.id, isNewUser: false });
  expect(warnings()).toHaveLength(before + 1);
  expect(warnings().at(-1)).toMatchObject({ level: 40, userId: one.id, otherUserId: two.id });

  expect(await signIn("wxtwo", "oCarolInTwo", "oCarolEverywhere")).toEqual({ id: two.id, isNewUser: false });
  expect(warnings()).toHaveLength(before + 1);
  expect(await countRows(app)).toEqual({ ...rows, sessions: rows.sessions + 2 });
});

test.each([
  ["without a unionid", undefined],
  ["with an empty unionid", ""],
  ["with a unionid of null", null],
])("identities %s are users of their own in each app", async (kind, unionid) => {
  const openid = `oDora${kind.replaceAll(" ", "")}`;
  const before = await countRows(app);
  const one = await signIn("wxone", openid, unionid);
  const two = await signIn("wxtwo", openid, unionid);
  expect([one.isNewUser, two.isNewUser]).toEqual([true, true]);
  expect(two.id).not.toBe(one.id);
  expect(await signIn("wxone", openid, unionid)).toEqual({ id: one.id, isNewUser: false });
  expect((await countRows(app)).unionids).toBe(before.unionids);
});

test("two openids in one app with the same unionid stay apart, each its own user, and the fault is logged", async () => {
  const first = await signIn("wxone", "oErinAtFirst", "oErinEverywhere");
  const later = await signIn("wxone", "oErinLater", "oErinEverywhere");
  expect(later.isNewUser).toBe(true);
  expect(later.id).not.toBe(first.id);
  expect(await signIn("wxone", "oErinLater", "oErinEverywhere")).toEqual({ id: later.id, isNewUser: false });
  expect(await signIn("wxtwo", "oErinInTwo", "oErinEverywhere")).toEqual({ id: first.id, isNewUser: false });
  const faults = app.logged.filter(({ msg }) => msg.startsWith("WeChat gives two openids of one app"));
  expect(faults).toMatchObject([{ level: 50, otherUserId: first.id, appId: "wxone" }]);
});

test("of two openids of one app that come with a known unionid at once, one joins", async () => {
  const { id } = await signIn("wxtwo", "oGinaInTwo", "oGinaEverywhere");
  const openids = ["oGinaAtFirst", "oGinaLater"];
  keepSecret(...openids);
  wechat.answer((response) => {
    const openid = openids.shift();
    response.end(JSON.stringify({ openid, unionid: "oGinaEverywhere", session_key: "AAAAAAAAAAAAAAAAAAAAAA==" }));
  });
  const both = await Promise.all(["code-a", "code-b"].map((code) => app.client.signedIn(code, { appId: "wxone" })));
  expect(both.filter(({ user }) => user.id === id)).toHaveLength(1);
});

test("a disabled user doesn't come back through another app", async () => {
  const { id } = await signIn("wxone", "oMalloryInOne", "oMalloryEverywhere");
  await disableUser(app, id);
  const before = await countRows(app);
  wechat.answerJson({ openid: "oMalloryInTwo", unionid: "oMalloryEverywhere" });
  expect(await app.client.login("any-code", { appId: "wxtwo" })).toMatchObject({ outcome: "USER_DISABLED" });
  expect(await countRows(app)).toEqual(before);
});
