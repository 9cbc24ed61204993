import { join } from "node:path";
import { beforeEach, expect, inject, test } from "vitest";
import { openidOf, unionidOf } from "../../src/wechat/simulator/people.js";
import { admin } from "../support/admin.js";
import { firstApp, type LoginData } from "../support/client.js";
import { messageAbout, push, pushToken } from "../support/push.js";
import { startReading, textsIn } from "../support/sqlite-files.js";
import { startTestApp } from "../support/test-app.js";

/*
 * What was deleted is in none of the database's files any more: read as bytes, while the server runs.
 */

const file = join(inject("folder"), `wal-${process.pid}.db`);
const env = { DATABASE_URL: `sqlite:${file}`, WECHAT_PUSH_TOKEN: pushToken };
const app = await startTestApp({ env });
const { client } = app;

const inFiles = (texts: readonly string[]) => textsIn(file, texts);

let people = 0;
let person: string;
let user: LoginData;
let traces: string[];

beforeEach(async () => {
  person = `zoe${++people}`;
  user = await client.signedIn(person);
  const nickname = `Zoe the ${people}th Unforgettable`;
  await client.updateProfile(user.token, { nickname, address: `${people} Memory Lane` });
  const { data } = await client.bindPhone(user.token, person);
  traces = [user.user.id, openidOf(firstApp, person), unionidOf(person), nickname, `${people} Memory Lane`];
  traces.push(data?.bindPhone?.phone ?? "no phone");
  expect(inFiles(traces)).toEqual(traces);
});

const deleteAccount = () => client.request("mutation { deleteAccount }", { token: user.token });

test("who deletes the account is gone from every file when that is answered", async () => {
  expect((await deleteAccount()).data?.deleteAccount).toBe(true);
  expect(inFiles(traces)).toEqual([]);
});

test("whom an operator deletes is gone from every file, but for the id in the audit log", async () => {
  expect((await admin(["delete", user.user.id, "--yes"], { env })).code).toBe(0);
  expect(inFiles(traces)).toEqual([user.user.id]);
});

test("who leaves WeChat is gone from every file, but for the id in the audit log", async () => {
  await push(app, messageAbout(person, "user_authorization_cancellation"));
  expect(inFiles(traces)).toEqual([user.user.id]);
});

test("what WeChat has us erase is gone from every file, and nothing else", async () => {
  const [, , , nickname = "", address = "", phone = ""] = traces;
  await push(app, messageAbout(person, "user_authorization_revoke", { RevokeInfo: "8,19" }));
  expect(inFiles([nickname, phone])).toEqual([]);
  expect(inFiles([address])).toEqual([address]);
});

test("a phone number that is unbound is gone from every file", async () => {
  await client.request("mutation { unbindPhone { id } }", { token: user.token });
  expect(inFiles([traces.at(-1) ?? ""])).toEqual([]);
});

test("a text that is replaced is gone from every file with the next sweep", async () => {
  await client.updateProfile(user.token, { address: null });
  app.advance(61_000);
  await client.me();
  await expect.poll(() => inFiles([`${people} Memory Lane`])).toEqual([]);
});

test("while somebody reads, nobody waits; when they have read, the next sweep does it", async () => {
  const reader = await startReading(file);
  const started = performance.now();
  expect((await deleteAccount()).data?.deleteAccount).toBe(true);
  expect((await client.signedIn(`${person}-neighbour`)).isNewUser).toBe(true);
  expect(performance.now() - started).toBeLessThan(1_000);
  expect(inFiles(traces)).not.toEqual([]);
  app.advance(61_000);
  await client.me();
  await expect.poll(() => app.logged.some(({ msg }) => msg === "clearing away failed")).toBe(true);
  await reader.close();
  app.advance(61_000);
  await client.me();
  await expect.poll(() => inFiles(traces)).toEqual([]);
});

test("what a server that ended could not clear away is gone when it has started again", async () => {
  const reader = await startReading(file);
  await deleteAccount();
  await app.close();
  expect(inFiles(traces)).not.toEqual([]);
  const again = await startTestApp({ env });
  await expect.poll(() => again.logged.some(({ msg }) => msg === "clearing away failed")).toBe(true);
  await reader.close();
  await again.close();
  const once = await startTestApp({ env });
  await expect.poll(() => inFiles(traces)).toEqual([]);
  await once.close();
});
