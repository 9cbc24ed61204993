import { beforeAll, beforeEach, expect, test } from "vitest";
import { countRows, endSessions } from "../../support/accounts.js";
import { passTime, runClient } from "../../support/client-engine.js";
import { answering, failing, holding, losing } from "../../support/fates.js";
import { createPhone, type Phone } from "../../support/phone.js";
import { startTestApp, type TestApp } from "../../support/test-app.js";

const hour = 3_600_000;

let app: TestApp;
let people = 0;
let phone: Phone;
let wxpass: ReturnType<typeof open>;

const open = () => runClient(phone).createWxpass({ url: app.url });

beforeAll(async () => {
  app = await startTestApp();
});

beforeEach(() => {
  phone = createPhone(app, `leaver${++people}`);
  wxpass = open();
});

const outcome = (call: Promise<unknown>) =>
  call.then(
    () => "ok",
    (error: { code: string }) => error.code,
  );

test("signing out ends the session, here and on the server", async () => {
  await wxpass.me();
  const before = await countRows(app);
  const out = wxpass.logout();
  expect(wxpass.signedIn).toBe(false);
  await out;
  expect(phone.storage.size).toBe(0);
  expect((await countRows(app)).sessions).toBe(before.sessions - 1);
});

test("signing out ends a session whose access token has expired", async () => {
  await wxpass.me();
  const before = await countRows(app);
  app.advance(2 * hour);
  phone.operations();
  await wxpass.logout();
  expect(phone.operations()).toEqual(["Logout", "Refresh", "Logout"]);
  expect((await countRows(app)).sessions).toBe(before.sessions - 1);
});

test("signing out without being signed in sends nothing", async () => {
  await wxpass.logout();
  expect(phone.operations()).toEqual([]);
});

test("signing out works without the server: the tokens are forgotten", async () => {
  await wxpass.me();
  phone.next("Logout", failing("request:fail"));
  await wxpass.logout();
  expect(wxpass.signedIn).toBe(false);
  expect(open().signedIn).toBe(false);
});

test("the next call after signing out signs in again", async () => {
  const { id } = await wxpass.me();
  const out = wxpass.logout();
  expect(await wxpass.me()).toMatchObject({ id });
  await out;
  expect(phone.operations()).toEqual(["Login", "Me", "Logout", "Login", "Me"]);
});

test("a call under way when the person signs out doesn't sign in again", async () => {
  await wxpass.me();
  app.advance(2 * hour);
  const slow = holding();
  phone.next("UpdateProfile", slow.fate);
  const update = outcome(wxpass.updateProfile({ nickname: "三" }));
  await slow.done;
  await wxpass.logout();
  phone.operations();
  slow.release();
  expect(await update).toBe("UNAUTHENTICATED");
  expect(wxpass.signedIn).toBe(false);
  expect(phone.operations()).toEqual([]);
});

test.each(["Login", "Refresh"])("signing out during a %s leaves no session behind", async (operation) => {
  const before = await countRows(app);
  if (operation === "Refresh") await wxpass.me();
  app.advance(2 * hour);
  const slow = holding();
  phone.next(operation, slow.fate);
  const calls = Promise.all([outcome(wxpass.me()), outcome(wxpass.mySessions())]);
  await slow.done;
  const out = wxpass.logout();
  slow.release();
  await out;
  expect(await calls).toEqual(["UNAUTHENTICATED", "UNAUTHENTICATED"]);
  expect(phone.storage.size).toBe(0);
  expect((await countRows(app)).sessions).toBe(before.sessions);
});

test("signing out during a refresh that is refused causes no sign-in", async () => {
  const { id } = await wxpass.me();
  await endSessions(app, id);
  const slow = holding();
  phone.next("Refresh", slow.fate);
  const call = outcome(wxpass.me());
  await slow.done;
  phone.operations();
  const out = wxpass.logout();
  slow.release();
  expect(await call).toBe("UNAUTHENTICATED");
  await out;
  await passTime(app);
  expect(wxpass.signedIn).toBe(false);
  expect(phone.operations()).not.toContain("Login");
});

test("signing out while wx.login is thinking sends no code at all", async () => {
  const { login } = phone.wx;
  const asked = Promise.withResolvers<() => void>();
  phone.wx.login = (options) => asked.resolve(() => login(options));
  const call = outcome(wxpass.me());
  const answer = await asked.promise;
  const out = wxpass.logout();
  answer();
  expect(await call).toBe("UNAUTHENTICATED");
  await out;
  expect(phone.operations()).toEqual([]);
});

test.each(["me", "login"] as const)("signing out while %s() has hardly begun leaves nobody signed in", async (name) => {
  for (let moments = 0; moments < 6; moments++) {
    const call = outcome(wxpass[name]());
    for (let passed = 0; passed < moments; passed++) await undefined;
    await wxpass.logout();
    expect(await call).toBe("UNAUTHENTICATED");
    expect(wxpass.signedIn).toBe(false);
  }
});

test("signing out once more while a call waits for the end of the first time leaves nobody signed in", async () => {
  for (let moments = 0; moments < 12; moments++) {
    const out = wxpass.logout();
    const call = outcome(wxpass.me());
    for (let passed = 0; passed < moments; passed++) await undefined;
    await Promise.all([out, wxpass.logout()]);
    expect(await call).toBe("UNAUTHENTICATED");
    expect(wxpass.signedIn).toBe(false);
  }
});

test("a sign-in that has hardly begun doesn't make a deleted account again", async () => {
  const before = await countRows(app);
  for (let moments = 0; moments < 6; moments++) {
    await wxpass.me();
    const login = outcome(wxpass.login());
    for (let passed = 0; passed < moments; passed++) await undefined;
    await wxpass.deleteAccount();
    await login;
    expect(wxpass.signedIn).toBe(false);
    expect((await countRows(app)).users).toBe(before.users);
  }
});

test("a deleted account isn't made again by calls under way", async () => {
  await passTime(app);
  await wxpass.me();
  const before = await countRows(app);
  app.advance(2 * hour);
  await wxpass.me();
  const slow = holding();
  phone.next("DeleteAccount", slow.fate);
  const deletion = wxpass.deleteAccount();
  const during = [outcome(wxpass.me()), outcome(wxpass.updateProfile({ nickname: "四" }))];
  await slow.done;
  during.push(outcome(wxpass.me()), outcome(wxpass.login()));
  await passTime(app);
  slow.release();
  await deletion;
  expect(["ok", "UNAUTHENTICATED"]).toEqual(expect.arrayContaining(await Promise.all(during)));
  expect(wxpass.signedIn).toBe(false);
  expect(phone.operations().filter((name) => name === "Login")).toHaveLength(1);
  expect((await countRows(app)).users).toBe(before.users - 1);
});

test("a deletion whose answer is lost can be asked for again", async () => {
  await wxpass.me();
  const before = await countRows(app);
  phone.next("DeleteAccount", losing("request:fail timeout"));
  expect(await outcome(wxpass.deleteAccount())).toBe("TIMEOUT");
  expect(phone.operations().filter((name) => name === "DeleteAccount")).toHaveLength(1);
  await wxpass.deleteAccount();
  expect(wxpass.signedIn).toBe(false);
  expect((await countRows(app)).users).toBe(before.users - 1);
});

test("a deletion that fails leaves everybody signed in, and calls that waited go on", async () => {
  await wxpass.me();
  app.advance(2 * hour);
  phone.next("DeleteAccount", answering(503, "busy"));
  const calls = [outcome(wxpass.deleteAccount()), outcome(wxpass.me())];
  expect(await Promise.all(calls)).toEqual(["BAD_RESPONSE", "ok"]);
  expect(wxpass.signedIn).toBe(true);
});

test("signing out everywhere says how many devices that was", async () => {
  await wxpass.me();
  await wxpass.login();
  await wxpass.login();
  expect(await wxpass.logoutEverywhere()).toBe(3);
  expect(wxpass.signedIn).toBe(false);
});

test("another device can be signed out", async () => {
  await wxpass.me();
  await wxpass.login();
  const other = (await wxpass.mySessions()).find(({ isCurrent }) => !isCurrent);
  expect(await wxpass.revokeSession(other?.id ?? "")).toBe(true);
  expect(await wxpass.revokeSession(other?.id ?? "")).toBe(false);
  expect(await wxpass.mySessions()).toHaveLength(1);
});

test("deleting and exporting send a code of wx.login, a new one for each try", async () => {
  await wxpass.me();
  const sentCodes = (name: string) =>
    phone.sent.filter(({ operation }) => operation === name).map(({ variables }) => variables["code"]);
  phone.sent.length = 0;
  phone.next("ExportMyData", failing("request:fail"));
  await wxpass.exportMyData();
  phone.next(
    "DeleteAccount",
    answering(200, { errors: [{ message: "", extensions: { code: "WX_CODE_INVALID", retry: "NEW_CODE" } }] }),
  );
  await wxpass.deleteAccount();
  const codes = [...sentCodes("ExportMyData"), ...sentCodes("DeleteAccount")];
  expect(codes).toEqual(phone.codes.slice(-4));
  expect(new Set(codes).size).toBe(4);
});
