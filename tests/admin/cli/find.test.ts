import { beforeAll, expect, test } from "vitest";
import { findByText, findUsers } from "../../../src/admin/find-users.js";
import { dayOf } from "../../../src/clock.js";
import { User } from "../../../src/user/user.js";
import { openidOf, unionidOf } from "../../../src/wechat/simulator/people.js";
import { admin } from "../../support/admin.js";
import { auditOf } from "../../support/audit.js";
import { firstApp, secondApp } from "../../support/client.js";
import { keepSecret } from "../../support/log-search.js";
import { startTestApp } from "../../support/test-app.js";

const app = await startTestApp();
const { client } = app;
const em = app.database.em.fork();
const env = { DATABASE_URL: app.databaseUrl };
const run = (...args: string[]) => admin(args, { env });

const phone = "+8613812348000";
const email = "Ann.Lee@Example.com";
const openid = openidOf(firstApp, "ann");
const unionid = unionidOf("ann");
keepSecret(phone, email, openid, unionid);

/** An id of a day in China, with this end. */
const idAt = (time: string, end: string) => {
  const milliseconds = Date.parse(time).toString(16).padStart(12, "0");
  return `${milliseconds.slice(0, 8)}-${milliseconds.slice(8)}-7000-8000-${end.padStart(12, "0")}`;
};

const cafe = idAt("2026-01-30T23:59:59.999+08:00", "1111aaaacafe");
const other = idAt("2026-01-31T00:00:00+08:00", "2222aaaacafe");
const late = idAt("2026-01-31T23:59:59.999+08:00", "33330000face");
let ann = "";

beforeAll(async () => {
  const people = [
    { id: cafe, nickname: "old", disabledAt: new Date() },
    { id: other, nickname: "Cafe Noir" },
    { id: late, nickname: "Hans", lastSignInOn: "2026-02-03" },
  ];
  for (const { nickname, ...person } of people) {
    const time = new Date("2026-01-31T00:00:00+08:00");
    const row = { ...person, nickname, nicknameFolded: nickname.toUpperCase(), createdAt: time, updatedAt: time };
    await em.insert(User, row);
  }
  ann = (await client.signedIn("ann")).user.id;
  await client.signedIn("ann", { appId: secondApp });
  await em.nativeUpdate(User, { id: ann }, { phone, email, nickname: "Ann 安", nicknameFolded: "ANN 安" });
});

async function found(...args: string[]): Promise<string[]> {
  const { code, output, errors } = await run("users", "--json", ...args);
  if (code !== 0) throw new Error(errors);
  return JSON.parse(output).users.map(({ id }: { id: string }) => id);
}

const shortIdOf = (id: string) => id.slice(-8).toUpperCase();

test.each([
  ["all of the id", () => ann],
  ["all of the id in capitals", () => ann.toUpperCase()],
  ["all of its digits", () => ann.replaceAll("-", "")],
  ["the short id that the example shows", () => shortIdOf(ann)],
  ["an end over several hyphens", () => ann.slice(-20)],
  ["an end without its hyphens", () => ann.slice(-20).replaceAll("-", "")],
])("%s finds the person, as a text and as --id", async (_, text) => {
  expect(await found(text())).toEqual([ann]);
  expect(await found("--id", text())).toEqual([ann]);
});

test.each([
  "+8613812348000",
  "13812348000",
  "138 1234 8000",
  "138-1234-8000",
  "+86 138 1234 8000",
  "008613812348000",
  "8613812348000",
  "１３８１２３４８０００",
])("the phone number may be written %s", async (text) => {
  expect(await found(text)).toEqual([ann]);
  expect(await found("--phone", text)).toEqual([ann]);
});

test.each([
  ["--email", email],
  ["--email", email.toUpperCase()],
  ["--openid", openid],
  ["--unionid", unionid],
  ["--nickname", "ann 安"],
])("%s finds the person, and so does the same as a text", async (option, value) => {
  expect(await found(option, value)).toEqual([ann]);
  expect(await found(` ${value} `)).toEqual([ann]);
});

test.each([
  ["--email", "ann.lee@example.co"],
  ["--email", "%"],
  ["--openid", openid.toLowerCase()],
  ["--openid", openid.slice(0, 27)],
  ["--unionid", openid],
  ["--phone", "13812348001"],
  ["--id", "0000000000000000"],
  ["--app-id", "wx"],
])("%s %s finds nobody", async (option, value) => {
  expect(await found(option, value)).toEqual([]);
});

test("people are found by app, state, day of sign-up and last sign-in, and by all of these together", async () => {
  const today = dayOf(app.now());
  expect(await found("--app-id", secondApp)).toEqual([ann]);
  expect(await found("--disabled")).toEqual([cafe]);
  expect(await found("--no-disabled")).toEqual([ann, late, other]);
  expect(await found("--signed-up-on", "2026-01-30")).toEqual([cafe]);
  expect(await found("--signed-up-on", "2026-01-31")).toEqual([late, other]);
  expect(await found("--last-sign-in-on", "2026-02-03")).toEqual([late]);
  expect(await found("--last-sign-in-on", "never")).toEqual([other, cafe]);
  expect(await found("--last-sign-in-on", "never", "--no-disabled")).toEqual([other]);
  expect(await found("--app-id", firstApp, "--no-disabled", "--last-sign-in-on", today, "--nickname", "a")).toEqual([
    ann,
  ]);
  expect(await found("--app-id", firstApp, "--disabled")).toEqual([]);
  expect(await found("--signed-up-on", "2026-01-31", "--nickname", "h")).toEqual([late]);
  expect(await found("cafe", "--disabled")).toEqual([cafe]);
});

test("an end that one alone has is meant before a name, and one that several have after it", async () => {
  expect(await found("face")).toEqual([late]);
  expect(await found("CAFE")).toEqual([other]);
  expect(await found("aaaacafe")).toEqual([other, cafe]);
  expect(await found("han")).toEqual([late]);
  expect(await found("")).toHaveLength(4);
});

test("pages of a text keep to what was found first", async () => {
  const first = await findByText(em, "aaaacafe", { limit: 1 });
  expect(first.users.map(({ id }) => id)).toEqual([other]);
  const second = await findByText(em, "aaaacafe", { limit: 1, after: first.next ?? "" });
  expect(second).toMatchObject({ users: [{ id: cafe }], next: null });
  expect(await findByText(em, "aaaacafe", { limit: 1, after: cafe })).toEqual({ users: [], next: null });
});

test.each(["\0", "ann\0", "\ud800", "x".repeat(100_000), "%", "' or 1=1 --", "\u0300".repeat(3_000), "----", "+++"])(
  "a text that nobody has finds nobody and breaks nothing: %j",
  async (text) => {
    expect(await findByText(em, text, { limit: 5 })).toEqual({ users: [], next: null });
    expect(await findUsers(em, { nickname: text, limit: 5 })).toEqual({ users: [], next: null });
    expect(await findUsers(em, { appId: text, email: text, openid: text, limit: 5 })).toEqual({
      users: [],
      next: null,
    });
  },
);

test.each([
  { id: "x" },
  { idEnd: "abc" },
  { idEnd: "wxyz" },
  { after: "1" },
  { signedUpOn: "2026-02-30" },
  { lastSignInOn: "today" },
])("what can't be an id or a day is refused with a word for the operator: %j", async (search) => {
  await expect(findUsers(em, { limit: 5, ...search })).rejects.toMatchObject({ name: "AdminError" });
});

test("every command on one user takes an end of the id that nobody else has", async () => {
  const { user, token } = await client.signedIn("bob");
  const end = shortIdOf(user.id);
  expect((await run("user", end)).output).toContain(user.id);
  expect((await run("disable", end)).output).toBe(`Disabled: ${user.id}. Sessions ended: 1.\n`);
  expect((await run("enable", end)).output).toBe(`Enabled: ${user.id}.\n`);
  await client.signedIn("bob");
  expect((await run("end-sessions", end)).output).toBe("Sessions ended: 1.\n");
  expect((await auditOf(app, "--user", end)).map(({ act }) => act)).toEqual(["end-sessions", "enable", "disable"]);
  expect((await run("delete", end, "--yes")).output).toBe(`Deleted: ${user.id}.\n`);
  expect((await client.me(token)).outcome).toBe("UNAUTHENTICATED");
  expect(await auditOf(app, "--user", user.id)).toHaveLength(4);
  expect((await run("audit", "--user", end)).errors).toBe(`No user has an id that ends with ${user.id.slice(-8)}.\n`);
});

test.each(["user", "disable", "enable", "end-sessions", "delete", "audit --user"])(
  "%s refuses an end that several have, names them, and does nothing",
  async (name) => {
    const { code, output, errors } = await run(...name.split(" "), "AAAACAFE");
    expect({ code, output }).toEqual({ code: 1, output: "" });
    expect(errors).toBe(`Several ids end with aaaacafe; take more of one: ${other}, ${cafe}\n`);
    expect(await em.fork().count(User, { id: { $in: [other, cafe] } })).toBe(2);
  },
);

test("phone, e-mail and openids are masked; what shows them leaves a line in the log", async () => {
  const lines = async () => (await auditOf(app, "--user", ann)).map(({ act, detail }) => [act, detail]);
  const [list, sheet] = [await run("users", "--nickname", "ann"), await run("user", ann)];
  expect(list.output).toContain("+86138****8000");
  expect(sheet.output).toContain("+86138****8000");
  expect(sheet.output).toContain("A***@Example.com");
  for (const { output } of [list, sheet]) {
    for (const secret of [phone, email, openid, unionid]) expect(output).not.toContain(secret);
  }
  expect(await lines()).toEqual([]);
  const personal = await run("user", ann, "--show-personal");
  expect(personal.output).toContain(phone);
  expect(personal.output).toContain(email);
  expect(personal.output).not.toContain(openid);
  expect(await lines()).toEqual([["show", "with phone and e-mail"]]);
  await run("user", ann, "--show-personal", "--show-openid");
  expect((await lines())[0]).toEqual(["show", "with openids; with phone and e-mail"]);
});

test("a list for programs has numbers in full, and leaves a line that says how many people were in it", async () => {
  const before = await auditOf(app, "--act", "export");
  const { output } = await run("users", "--json", "--nickname", "ann");
  expect(JSON.parse(output).users).toEqual([
    {
      id: ann,
      nickname: "Ann 安",
      phone,
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
      disabledAt: null,
      lastSignInOn: dayOf(app.now()),
      appIds: [firstApp, secondApp],
    },
  ]);
  await run("users", "--json", "--nickname", "nobody");
  const [line, ...others] = await auditOf(app, "--act", "export");
  expect(line).toMatchObject({ userId: null, detail: "users listed: 1" });
  expect(others).toEqual(before);
});

test("the table says how many there are altogether, unless somebody is looked for", async () => {
  const { output } = await run("users", "--limit", "1");
  expect(output).toContain(`\nUsers altogether: ${await em.fork().count(User)}\n`);
  expect(output).toMatch(
    new RegExp(`^${ann} .* ${dayOf(app.now())} +${firstApp} ${secondApp} +\\+86138\\*{4}8000 `, "m"),
  );
  for (const filter of [["--no-disabled"], ["ann"]]) {
    expect((await run("users", ...filter)).output).not.toContain("altogether");
  }
});
