import { expect, inject, test } from "vitest";
import { dayOf } from "../../../src/clock.js";
import { openidOf, unionidOf } from "../../../src/wechat/simulator/people.js";
import { admin } from "../../support/admin.js";
import { firstApp } from "../../support/client.js";
import { startTestApp } from "../../support/test-app.js";

const app = await startTestApp();
const { client } = app;
const env = { DATABASE_URL: app.databaseUrl, STORAGE_URL: `file:${inject("folder")}/avatars` };

interface Listed {
  users: { id: string; nickname: string | null }[];
  next: string | null;
}

async function list(...args: string[]): Promise<Listed> {
  const { code, output, errors } = await admin(["users", "--json", ...args], { env });
  if (code !== 0) throw new Error(errors);
  return JSON.parse(output);
}

const nicknames = async (...args: string[]) => (await list(...args)).users.map(({ nickname }) => nickname);

async function named(person: string, nickname: string): Promise<string> {
  const { token, user } = await client.signedIn(person);
  await client.updateProfile(token, { nickname });
  return user.id;
}

test("pages follow each other, the newest first, whoever joins or leaves meanwhile", async () => {
  const own = await startTestApp();
  const on = { DATABASE_URL: own.databaseUrl };
  const ids: string[] = [];
  for (const person of ["a", "b", "c", "d", "e"]) ids.unshift((await own.client.signedIn(person)).user.id);
  const page = async (...args: string[]): Promise<Listed> =>
    JSON.parse((await admin(["users", "--json", "--limit", "2", ...args], { env: on })).output);

  const first = await page();
  expect(first.users.map(({ id }) => id)).toEqual(ids.slice(0, 2));
  await own.client.signedIn("f");
  await admin(["delete", "--yes", first.next ?? ""], { env: on });
  const second = await page("--after", first.next ?? "");
  expect(second.users.map(({ id }) => id)).toEqual(ids.slice(2, 4));
  const third = await page("--after", second.next ?? "");
  expect(third).toEqual({ users: [expect.objectContaining({ id: ids[4] })], next: null });
  expect((await page("--after", ids[2] ?? "")).next).toBeNull();
});

test("a nickname is found by how it begins, in any case and width and whatever stands in it", async () => {
  await named("ann", "Ann 100%_\\Ärger");
  await named("ben", "ANNABEL 100 小艾");
  await named("chi", "Ｗｅｉ");
  await named("sue", "ΣΑΣΑ Straße");
  expect(await nicknames("--nickname", "ann")).toEqual(["ANNABEL 100 小艾", "Ann 100%_\\Ärger"]);
  expect(await nicknames("--nickname", "ann 100%_\\äR")).toEqual(["Ann 100%_\\Ärger"]);
  expect(await nicknames("--nickname", "annabel 100 小")).toEqual(["ANNABEL 100 小艾"]);
  for (const width of ["ｗｅ", "we", "WEI"]) expect(await nicknames("--nickname", width)).toEqual(["Ｗｅｉ"]);
  for (const part of ["ΣΑΣ", "σας", "σασα strass"])
    expect(await nicknames("--nickname", part)).toEqual(["ΣΑΣΑ Straße"]);
  for (const nobody of ["nn", "小艾", "100", "ärger", "annc", "%", "_", "' or 1=1 --"]) {
    expect(await nicknames("--nickname", nobody)).toEqual([]);
  }
});

test("a nickname begins with itself, up to the last of all characters", async () => {
  const odd = ["z\ud7ffa", "z\ue000", "z\u{10ffff}", "z\u{10ffff}\u{10ffff}", "\u{10ffff}z", "😀", "😁"];
  for (const [index, nickname] of odd.entries()) await named(`odd${index}`, nickname);
  for (const prefix of [...odd, "z", "Z\ud7ff", "\u{10ffff}"]) {
    const expected = odd.filter((nickname) => nickname.startsWith(prefix.toLowerCase())).toReversed();
    expect(await nicknames("--nickname", prefix), JSON.stringify(prefix)).toEqual(expected);
  }
  const all = await nicknames();
  expect(await nicknames("--nickname", "")).toEqual(all);
});

test("people of one name come in pages, the newest first", async () => {
  const people = ["w1", "w2", "w3", "w4", "w5"];
  for (const person of people) await named(person, `微信用户${person}`);
  const pages: (string | null)[][] = [];
  for (let after: string | null = ""; after !== null; ) {
    const { users, next } = await list("--nickname", "微信用户", "--limit", "2", ...(after ? ["--after", after] : []));
    pages.push(users.map(({ nickname }) => nickname));
    after = next;
  }
  expect(pages).toEqual([["微信用户w5", "微信用户w4"], ["微信用户w3", "微信用户w2"], ["微信用户w1"]]);
});

test("a user is found by id and by phone number", async () => {
  const id = await named("dot", "Dot");
  await app.database.em.fork().getConnection().execute("update users set phone = '+8619900000009' where id = ?", [id]);
  expect(await nicknames("--id", id.toUpperCase())).toEqual(["Dot"]);
  expect(await nicknames("--phone", "+8619900000009")).toEqual(["Dot"]);
  expect(await nicknames("--phone", "+8619900000008")).toEqual([]);
  expect(await nicknames("--phone", "+8619900000009", "--nickname", "x")).toEqual([]);
});

test("the table shows state and nickname, and how to go on", async () => {
  const id = await named("eve", "Eve");
  await admin(["disable", id], { env });
  const { output } = await admin(["users", "--limit", "1"], { env });
  expect(output).toMatch(/^ID +CREATED +LAST SIGN-IN +APPS +PHONE +STATE +NICKNAME\n/);
  expect(output).toMatch(new RegExp(`^${id} .* ${dayOf(app.now())} +${firstApp} +- +disabled +Eve$`, "m"));
  expect(output).toContain(`--after ${id}`);
  expect((await admin(["users", "--limit", "9999"], { env })).output).not.toContain("There are more");
});

test("one user is shown with identities and sessions; openids only if asked for", async () => {
  const { user } = await client.signedIn("fay", { headers: { "user-agent": "Mozilla/5.0 (Macintosh)" } });
  const openid = openidOf(firstApp, "fay");
  const short = await admin(["user", user.id], { env });
  expect(short.output).toContain(firstApp);
  expect(short.output).toContain("macOS");
  expect(short.output).toContain(`${openid.slice(0, 4)}…${openid.slice(-4)}`);
  for (const id of [openid, unionidOf("fay")]) expect(short.output).not.toContain(id);
  const full = await admin(["user", user.id, "--show-openid", "--json"], { env });
  const { identities, unionids, sessions } = JSON.parse(full.output);
  expect(identities).toEqual([expect.objectContaining({ appId: firstApp, openid })]);
  expect(unionids).toEqual([unionidOf("fay")]);
  expect(sessions).toHaveLength(1);
});

test("no text of a user's steers the terminal", async () => {
  const { user } = await client.signedIn("gus");
  await app.database.em
    .fork()
    .getConnection()
    .execute("update sessions set device = ? where user_id = ?", ["\u001b[2Jphone\u009b", user.id]);
  const { output } = await admin(["user", user.id], { env });
  expect(output).toContain("phone");
  expect(output.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
});
