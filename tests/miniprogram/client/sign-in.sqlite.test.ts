import { beforeAll, beforeEach, expect, test } from "vitest";
import { countRows, disableUser, endSessions } from "../../support/accounts.js";
import { passTime, runClient } from "../../support/client-engine.js";
import { answering, failing, holding, losing } from "../../support/fates.js";
import { createPhone, type Phone } from "../../support/phone.js";
import { startTestApp, type TestApp } from "../../support/test-app.js";

const hour = 3_600_000;

let app: TestApp;
let people = 0;
let phone: Phone;
let wxpass: ReturnType<typeof open>;

const open = (options = {}) => runClient(phone).createWxpass({ url: app.url, ...options });

beforeAll(async () => {
  app = await startTestApp();
});

beforeEach(() => {
  phone = createPhone(app, `person${++people}`);
  wxpass = open();
});

/** The error that a call ends with. */
const errorOf = (call: Promise<unknown>) =>
  call.then(
    () => "no error",
    (error: unknown) => error,
  );

/** No code is ever sent twice, and every one that was fetched was sent. */
const codesSent = () =>
  phone.sent.filter(({ operation }) => operation === "Login").map(({ variables }) => variables["code"]);

test("the first call signs in by itself", async () => {
  expect(wxpass.signedIn).toBe(false);
  expect(await wxpass.me()).toMatchObject({ nickname: null });
  expect(wxpass.signedIn).toBe(true);
  expect(phone.operations()).toEqual(["Login", "Me"]);
});

test("the next start of the program is still signed in", async () => {
  const { id } = await wxpass.me();
  phone.operations();
  expect(await open().me()).toMatchObject({ id });
  expect(phone.operations()).toEqual(["Me"]);
});

test("login says who it is, and whether that is new", async () => {
  expect(await wxpass.login()).toEqual({ user: await wxpass.me(), isNewUser: true });
  expect(await wxpass.login()).toEqual({ user: await wxpass.me(), isNewUser: false });
});

test("fifty calls at once cause one sign-in, and no code is sent twice", async () => {
  const calls = Array.from({ length: 48 }, () => wxpass.me());
  const [{ user }, users] = await Promise.all([wxpass.login(), Promise.all(calls), wxpass.login()]);
  expect(new Set(users.map(({ id }) => id))).toEqual(new Set([user.id]));
  expect(codesSent()).toEqual(phone.codes);
  expect(phone.operations().filter((name) => name !== "Me")).toEqual(["Login"]);
});

test("a token that has expired by the phone's clock is renewed before it is sent, once for all calls", async () => {
  await wxpass.me();
  phone.operations();
  phone.ahead += 2 * hour;
  await Promise.all([wxpass.me(), wxpass.mySessions(), wxpass.updateProfile({ signature: "hi" })]);
  expect(phone.operations()).toEqual(["Refresh", "Me", "MySessions", "UpdateProfile"]);
});

test.each([-400 * 24 * hour, 400 * 24 * hour])("a clock that is wrong by %i ms doesn't matter", async (error) => {
  phone.ahead = error;
  await wxpass.me();
  phone.ahead += hour;
  await wxpass.me();
  phone.ahead += hour;
  await wxpass.me();
  expect(phone.operations()).toEqual(["Login", "Me", "Me", "Refresh", "Me"]);
});

test("a token that the server finds expired is renewed unseen, and the mutation done once", async () => {
  await wxpass.me();
  phone.operations();
  app.advance(2 * hour);
  const users = await Promise.all([
    wxpass.updateProfile({ nickname: "一" }),
    wxpass.me(),
    wxpass.updateProfile({ address: "上海" }),
  ]);
  expect(users).toHaveLength(3);
  expect(await wxpass.me()).toMatchObject({ nickname: "一", address: "上海" });
  expect(phone.operations().filter((name) => name === "Refresh" || name === "Login")).toEqual(["Refresh"]);
});

test("a call that was sent with an older token takes the present one, without another refresh", async () => {
  await wxpass.me();
  app.advance(2 * hour);
  phone.operations();
  const slow = holding();
  phone.next("MySessions", slow.fate);
  const sessions = wxpass.mySessions();
  await slow.done;
  await wxpass.me();
  slow.release();
  expect(await sessions).toHaveLength(1);
  expect(phone.operations()).toEqual(["MySessions", "Me", "Refresh", "Me", "MySessions"]);
});

test.each(["request:fail timeout", "request:fail interrupted", "request:fail net::ERR_CONNECTION_RESET"])(
  "a refresh whose answer is lost with %s is sent again, and the session goes on",
  async (errMsg) => {
    await wxpass.me();
    app.advance(2 * hour);
    phone.operations();
    phone.next("Refresh", losing(errMsg));
    await wxpass.me();
    expect(phone.operations()).toEqual(["Me", "Refresh", "Refresh", "Me"]);
    expect(await wxpass.mySessions()).toHaveLength(1);
  },
);

test("a refresh that fails twice fails the calls, and the next call tries again", async () => {
  await wxpass.me();
  phone.ahead += 2 * hour;
  phone.operations();
  phone.next("Refresh", failing("request:fail"), answering(502, "<html>Bad Gateway</html>"));
  const errors = await Promise.all([errorOf(wxpass.me()), errorOf(wxpass.mySessions())]);
  expect(errors).toMatchObject([{ code: "BAD_RESPONSE" }, { code: "BAD_RESPONSE" }]);
  expect(wxpass.signedIn).toBe(true);
  expect(phone.operations()).toEqual(["Refresh", "Refresh"]);
  await wxpass.me();
  expect(phone.operations()).toEqual(["Refresh", "Me"]);
});

test("when the session has ended elsewhere, the person is signed in anew, once for all calls", async () => {
  const { id } = await wxpass.me();
  phone.operations();
  await endSessions(app, id);
  const users = await Promise.all([wxpass.me(), wxpass.me(), wxpass.updateProfile({ nickname: "二" })]);
  expect(users.map((user) => user.id)).toEqual([id, id, id]);
  expect(phone.operations().sort()).toEqual(
    ["Login", "Me", "Me", "Me", "Me", "Refresh", "UpdateProfile", "UpdateProfile"].sort(),
  );
  expect(await wxpass.mySessions()).toHaveLength(1);
});

test.each([
  ["WX_CODE_INVALID", "errcode:40029"],
  ["WX_BUSY", "fault:html"],
])("after %s the client fetches a new code, once", async (code, badCode) => {
  const { login } = phone.wx;
  const codes = [badCode];
  phone.wx.login = (options) => {
    const bad = codes.shift();
    if (bad) options.success({ code: bad, errMsg: "login:ok" });
    else login(options);
  };
  await wxpass.me();
  expect(phone.operations()).toEqual(["Login", "Login", "Me"]);
  phone.storage.clear();
  codes.push(badCode, badCode, badCode);
  expect(await errorOf(wxpass.me())).toMatchObject({ code, retry: "NEW_CODE" });
  expect(phone.operations()).toEqual(["Login", "Login"]);
});

test("a sign-in whose answer is lost is an error, and the next one takes a new code", async () => {
  phone.next("Login", losing("request:fail timeout"));
  const errors = await Promise.all([errorOf(wxpass.me()), errorOf(wxpass.login())]);
  expect(errors).toMatchObject([{ code: "TIMEOUT" }, { code: "TIMEOUT" }]);
  await wxpass.me();
  expect(codesSent()).toEqual(phone.codes);
  expect(new Set(phone.codes).size).toBe(2);
});

test("a server that refuses even new tokens ends the call after one sign-in", async () => {
  const refusal = { errors: [{ message: "请先登录", extensions: { code: "UNAUTHENTICATED", retry: "NEW_CODE" } }] };
  const refuses = Array.from({ length: 9 }, () => answering(200, refusal));
  phone.next("Me", ...refuses);
  expect(await errorOf(wxpass.me())).toMatchObject({ code: "UNAUTHENTICATED" });
  expect(phone.operations()).toEqual(["Login", "Me"]);
  expect(await errorOf(wxpass.me())).toMatchObject({ code: "UNAUTHENTICATED" });
  expect(phone.operations()).toEqual(["Me", "Refresh", "Me"]);
});

test("a disabled user is told so, without a loop", async () => {
  const { id } = await wxpass.me();
  phone.operations();
  await disableUser(app, id);
  expect(await errorOf(wxpass.me())).toMatchObject({ code: "USER_DISABLED", retry: "NEVER" });
  expect(phone.operations()).toEqual(["Me"]);
  await endSessions(app, id);
  app.advance(2 * hour);
  expect(await errorOf(wxpass.me())).toMatchObject({ code: "USER_DISABLED", retry: "NEVER" });
  expect(phone.operations()).toEqual(["Me", "Refresh", "Login"]);
});

test("a call that comes while tokens are renewed waits for them", async () => {
  await wxpass.me();
  app.advance(2 * hour);
  const slow = holding();
  phone.next("Refresh", slow.fate);
  const user = wxpass.me();
  await slow.done;
  phone.operations();
  const sessions = wxpass.mySessions();
  await passTime(app);
  slow.release();
  await Promise.all([user, sessions]);
  expect(phone.operations().sort()).toEqual(["Me", "MySessions"]);
});

test("tokens that the server refuses to renew are forgotten, whatever comes next", async () => {
  const { id } = await wxpass.me();
  await endSessions(app, id);
  phone.loginFault = "login:fail";
  expect(await errorOf(wxpass.me())).toMatchObject({ code: "LOGIN_FAILED" });
  expect(wxpass.signedIn).toBe(false);
});

test("a sign-in asked for while a refresh is under way comes after it, and its tokens are kept", async () => {
  await wxpass.me();
  app.advance(2 * hour);
  const slow = holding();
  phone.next("Refresh", slow.fate);
  const user = wxpass.me();
  await slow.done;
  phone.operations();
  const login = wxpass.login();
  await passTime(app);
  expect(phone.operations()).toEqual([]);
  slow.release();
  await Promise.all([user, login]);
  expect(phone.operations().sort()).toEqual(["Login", "Me"]);
  const [older, newer] = (await wxpass.mySessions()).sort((a, b) => (a.id < b.id ? -1 : 1));
  expect([older?.isCurrent, newer?.isCurrent]).toEqual([false, true]);
});

test("an operation of one's own signs in like any other", async () => {
  expect(await wxpass.request("query Mine { me { nickname } }", {})).toEqual({ me: { nickname: null } });
  expect(phone.operations()).toEqual(["Login", "Mine"]);
});

test("all sign-ins of one person made one user", async () => {
  const before = await countRows(app);
  await Promise.all([open().me(), open().me(), open().me()]);
  expect((await countRows(app)).users).toBe(before.users + 1);
});
