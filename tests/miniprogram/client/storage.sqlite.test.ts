import { beforeAll, beforeEach, expect, test } from "vitest";
import { endSessions } from "../../support/accounts.js";
import { runClient } from "../../support/client-engine.js";
import { holding } from "../../support/fates.js";
import { createPhone, type Phone } from "../../support/phone.js";
import { startTestApp, type TestApp } from "../../support/test-app.js";

const hour = 3_600_000;

let app: TestApp;
let people = 0;
let phone: Phone;

const open = (options = {}) => runClient(phone).createWxpass({ url: app.url, ...options });

beforeAll(async () => {
  app = await startTestApp();
});

beforeEach(() => {
  phone = createPhone(app, `keeper${++people}`);
});

test("the tokens are kept under one key, which can be chosen", async () => {
  await open().me();
  await open({ storageKey: "other" }).me();
  expect([...phone.storage.keys()]).toEqual(["wxpass", "other"]);
  expect(phone.operations()).toEqual(["Login", "Me", "Login", "Me"]);
});

test("a token is only sent to the server that gave it", async () => {
  await open().me();
  const kept = phone.storage.get("wxpass");
  phone.storage.set("wxpass", { ...Object(kept), url: "https://wxpass.example.com" });
  expect(open().signedIn).toBe(false);
  phone.operations();
  await open().me();
  expect(phone.operations()).toEqual(["Login", "Me"]);
});

test("a slash at the end of the address makes no difference", async () => {
  await open().me();
  expect(open({ url: `${app.url}/` }).signedIn).toBe(true);
});

test.each(["", "{", null, 42, [], {}, { token: 1 }])("%j in the storage is no sign-in", async (garbage) => {
  const address = { url: app.url };
  phone.storage.set("wxpass", typeof garbage === "object" && garbage ? { ...address, ...garbage } : garbage);
  const wxpass = open();
  expect(wxpass.signedIn).toBe(false);
  expect(await wxpass.me()).toMatchObject({ nickname: null });
});

test("tokens that somebody has made up are replaced", async () => {
  phone.storage.set("wxpass", { url: app.url, token: "x", refreshToken: "y", expiresAt: 0 });
  expect(await open().me()).toMatchObject({ nickname: null });
  expect(phone.operations()).toEqual(["Me", "Refresh", "Login", "Me"]);
});

test.each([["get"], ["set"], ["remove"], ["get", "set", "remove"]])(
  "a storage whose %s fails costs nothing",
  async (...faults) => {
    phone.storageFaults = faults;
    const wxpass = open();
    await wxpass.me();
    expect(wxpass.signedIn).toBe(true);
    await wxpass.me();
    app.advance(2 * hour);
    await wxpass.me();
    expect(phone.operations()).toEqual(["Login", "Me", "Me", "Me", "Refresh", "Me"]);
    await wxpass.logout();
    expect(wxpass.signedIn).toBe(false);
  },
);

test("a storage that is full keeps no older tokens in the way", async () => {
  const wxpass = open();
  await wxpass.me();
  app.advance(2 * hour);
  phone.storageFaults = ["set"];
  await wxpass.me();
  phone.operations();
  await wxpass.me();
  phone.storageFaults = [];
  await wxpass.me();
  expect(phone.operations()).toEqual(["Me", "Me"]);
});

test("two clients of one program use the same tokens", async () => {
  const [one, other] = [open(), open()];
  await one.me();
  await other.me();
  app.advance(2 * hour);
  await one.me();
  await other.me();
  app.advance(2 * hour);
  await Promise.all([one.me(), other.me()]);
  expect(await one.mySessions()).toHaveLength(1);
  expect(phone.operations().filter((name) => name === "Login")).toHaveLength(1);
  await other.logout();
  expect(one.signedIn).toBe(false);
});

test("a client that lost a race takes the tokens that another has put into the storage", async () => {
  const [one, other] = [open(), open()];
  await one.me();
  app.advance(2 * hour);
  const slow = holding();
  phone.next("Me", slow.fate);
  const user = one.me();
  await slow.done;
  await other.mySessions();
  phone.operations();
  slow.release();
  await user;
  expect(phone.operations()).toEqual(["Me"]);
});

test("a client whose tokens are refused late doesn't forget those that another has got meanwhile", async () => {
  const [one, other] = [open(), open()];
  const { id } = await one.me();
  await endSessions(app, id);
  const slow = holding();
  phone.next("Refresh", slow.fate);
  const user = one.me();
  await slow.done;
  await other.me();
  phone.operations();
  slow.release();
  await user;
  expect(phone.operations()).toEqual(["Refresh", "Me"]);
  expect(await one.mySessions()).toHaveLength(1);
});

test("a client whose refresh comes so late that it ends the session of both signs in again", async () => {
  const [one, other] = [open(), open()];
  await one.me();
  app.advance(2 * hour);
  const [asked, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  phone.next("Refresh", async (send) => {
    asked.resolve();
    await held.promise;
    return send();
  });
  const user = one.me();
  await asked.promise;
  await other.me();
  app.advance(11_000);
  held.resolve();
  await user;
  await other.me();
  expect(await one.mySessions()).toHaveLength(1);
});
