import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { Identity, Unionid } from "../../../src/auth/identity.js";
import { User } from "../../../src/user/user.js";
import { firstApp, secondApp } from "../../support/client.js";
import { createImport, sums } from "../../support/import.js";
import { keepSecret } from "../../support/log-search.js";
import { startTestApp } from "../../support/test-app.js";

const app = await startTestApp();
const { importRows, openid } = createImport(app);

const header = "openid,appId,unionid";
const another = "belongs to another user";
const secondOpenid = "stands with another openid of the same app";

/** A unionid that nobody has used. */
function newUnionid(): string {
  const unionid = `o6_${randomUUID().slice(0, 8)}sasdsad6_2sgVt7hMZO`;
  keepSecret(unionid);
  return unionid;
}

const row = (person: string, unionid: string, appId = firstApp) => `${openid(person, appId)},${appId},${unionid}`;

/** Rows of people about whom there is nothing to tell: enough that what comes after them is in another batch. */
const crowd = (name: string) => Array.from({ length: 520 }, (_, index) => row(`${name}${index}`, ""));

/** Puts somebody in who is there before the import. */
async function place(person: string, unionid?: string, appId = firstApp): Promise<string> {
  const em = app.database.em.fork();
  const now = new Date();
  const id = randomUUID();
  await em.insert(User, { id, createdAt: now, updatedAt: now });
  await em.insert(Identity, { appId, openid: openid(person, appId), user: id, createdAt: now });
  if (unionid !== undefined) await em.insert(Unionid, { unionid, user: id });
  return id;
}

/** Whose account somebody has: the same number for the same user. */
async function accounts(...people: [person: string, appId?: string][]): Promise<number[]> {
  const em = app.database.em.fork();
  const ids: string[] = [];
  for (const [person, appId = firstApp] of people) {
    ids.push((await em.findOneOrFail(Identity, { appId, openid: openid(person, appId) })).user.id);
  }
  return ids.map((id) => ids.indexOf(id));
}

async function ownerOf(unionid: string): Promise<string | undefined> {
  return (await app.database.em.fork().findOne(Unionid, { unionid }))?.user.id;
}

/** Imports with a rehearsal, which must tell the same. */
async function importBoth(rows: string[]) {
  const dry = await importRows(header, rows, "--dry-run");
  const real = await importRows(header, rows);
  expect([dry.errors, sums(dry.output)]).toEqual([real.errors, sums(real.output)]);
  return real;
}

test.each([
  "undefined",
  "NULL",
  "null",
  "\\N",
  "None",
  "nan",
  "NaN",
  "000000",
  "0000000000",
  "default",
  "DEFAULT",
  "(NULL)",
  "#N/A",
  "unknown",
  "no_unionid",
  "xxxxxxxx",
  "123456",
  "[object Object]",
  "unionid",
  "anonymous",
  "550e8400-e29b-41d4-a716-446655440000",
  "wx0123456789abcdef",
  "'undefined'",
])("people whose unionid is %s are not one person", async (word) => {
  const name = Buffer.from(word).toString("hex").slice(0, 20);
  const people = [`${name}a`, `${name}b`, `${name}c`];
  const rows = [...people.map((person) => row(person, word)), row(`${name}d`, word, secondApp)];
  const { code, output } = await importBoth(rows);
  expect(code).toBe(0);
  expect(sums(output)).toMatchObject({ imported: 4 });
  expect(output).toMatch(/^4 +unionid left out: /m);
  const apart = await accounts(...people.map((person): [string] => [person]), [`${name}d`, secondApp]);
  expect(new Set(apart).size).toBe(4);
});

test("a unionid with two openids of one app is one person's and told of the other, within a batch and across two", async () => {
  const unionid = newUnionid();
  const { output, errors } = await importBoth([
    row("two1", unionid),
    row("two2", unionid),
    row("two3", unionid, secondApp),
    ...crowd("between"),
    row("two4", unionid),
    row("two5", unionid, secondApp),
  ]);
  expect(errors).toBe([3, 525, 526].map((line) => `Line ${line} unionid left out: ${secondOpenid}\n`).join(""));
  expect(sums(output)).toMatchObject({ imported: 524, "given to the user who has the unionid": 1 });
  const people: [string, string?][] = [["two1"], ["two2"], ["two3", secondApp], ["two4"], ["two5", secondApp]];
  expect(await accounts(...people)).toEqual([0, 1, 0, 3, 4]);
});

test("a new openid doesn't join a user of the database who has another in the same app", async () => {
  const unionid = newUnionid();
  const owner = await place("old1", unionid);
  const { output, errors } = await importBoth([row("old2", unionid), row("old3", unionid, secondApp)]);
  expect(errors).toBe(`Line 2 unionid left out: ${secondOpenid}\n`);
  expect(sums(output)).toMatchObject({ imported: 1, "given to the user who has the unionid": 1 });
  expect(await accounts(["old1"], ["old2"], ["old3", secondApp])).toEqual([0, 1, 0]);
  expect(await ownerOf(unionid)).toBe(owner);
});

test.each([
  ["in one batch", []],
  ["in two batches", crowd("order")],
])("whoever of two openids is there already has the unionid, whichever comes first, %s", async (where, between) => {
  const [first, second] = [newUnionid(), newUnionid()];
  const id = await place(`${where}here1`);
  const other = await place(`${where}here2`);
  const rows = [row(`${where}here1`, first), ...between, row(`${where}new1`, first)];
  expect((await importBoth(rows)).errors).toBe(`Line ${rows.length + 1} unionid left out: ${secondOpenid}\n`);
  expect(await ownerOf(first)).toBe(id);

  const turned = [row(`${where}new2`, second), ...between, row(`${where}here2`, second)];
  expect((await importBoth(turned)).errors).toBe(`Line ${turned.length + 1} unionid left out: ${another}\n`);
  expect(await ownerOf(second)).not.toBe(other);
  const people: [string][] = [[`${where}here1`], [`${where}new1`], [`${where}here2`], [`${where}new2`]];
  expect(await accounts(...people)).toEqual([0, 1, 2, 3]);
});

test.each([
  ["in one batch", []],
  ["in two batches", crowd("claim")],
])("a unionid that an openid here can't have joins no other openid of that app either, %s", async (where, between) => {
  const unionid = newUnionid();
  await place(`${where}owner`, unionid, secondApp);
  await place(`${where}rival`);
  const rows = [row(`${where}rival`, unionid), ...between, row(`${where}late`, unionid)];
  const { errors } = await importBoth(rows);
  expect(errors).toBe(
    `Line 2 unionid left out: ${another}\nLine ${rows.length + 1} unionid left out: ${secondOpenid}\n`,
  );
  const people: [string, string?][] = [[`${where}owner`, secondApp], [`${where}rival`], [`${where}late`]];
  expect(await accounts(...people)).toEqual([0, 1, 2]);
});

test("a unionid that shows up later is kept, and joins the person's openid of another app", async () => {
  const unionid = newUnionid();
  const id = await place("later");
  const { output, errors } = await importBoth([row("later", unionid), row("later", unionid, secondApp)]);
  expect(errors).toBe("");
  expect(sums(output)).toMatchObject({ "there already": 1, "given to the user who has the unionid": 1 });
  expect(await ownerOf(unionid)).toBe(id);
  expect(await accounts(["later"], ["later", secondApp])).toEqual([0, 0]);
});

test("a unionid alone is written, where it is all that is new", async () => {
  const unionid = newUnionid();
  const id = await place("alone");
  await importBoth([row("alone", unionid)]);
  expect(await ownerOf(unionid)).toBe(id);
});

test("a user who has a unionid gets no second one from a file", async () => {
  const [verified, other] = [newUnionid(), newUnionid()];
  const id = await place("sure", verified);
  const { errors } = await importBoth([row("sure", other)]);
  expect(errors).toBe("Line 2 unionid left out: is not the one that the user has\n");
  expect(await ownerOf(verified)).toBe(id);
  expect(await ownerOf(other)).toBeUndefined();
});

test.each([
  ["in one batch", []],
  ["in two batches", crowd("both")],
])("a user with two unionids has room for one openid in an app, %s", async (where, between) => {
  const [first, second] = [newUnionid(), newUnionid()];
  const id = await place(`${where}moved`, first, secondApp);
  await app.database.em.fork().insert(Unionid, { unionid: second, user: id });
  const rows = [row(`${where}room1`, first), ...between, row(`${where}room2`, second)];
  const { errors } = await importBoth(rows);
  expect(errors).toBe(`Line ${rows.length + 1} unionid left out: ${secondOpenid}\n`);
  const people: [string, string?][] = [[`${where}moved`, secondApp], [`${where}room1`], [`${where}room2`]];
  expect(await accounts(...people)).toEqual([0, 0, 2]);
});
