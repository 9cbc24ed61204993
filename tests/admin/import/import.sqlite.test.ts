import { readFileSync } from "node:fs";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { runAdmin } from "../../../src/admin/cli/run-admin.js";
import { createTerminal } from "../../../src/admin/cli/terminal.js";
import { openidOf, unionidOf } from "../../../src/wechat/simulator/people.js";
import { admin as run } from "../../support/admin.js";
import { firstApp, secondApp } from "../../support/client.js";
import { createImport, sums } from "../../support/import.js";
import { allTables } from "../../support/tables.js";
import { startTestApp } from "../../support/test-app.js";

const app = await startTestApp();
const { client } = app;
const { env, newPath, fileOf, importFile, importRows, openid, found } = createImport(app);

test("an imported user signs in and finds the profile", async () => {
  const { code, output, errors } = await importRows(
    "openid,unionid,nickname,email,phone,birthday,gender,address,signature,createdAt",
    [
      `${openid("ann")},${unionidOf("ann")},安娜 😀,ann@example.com,+8613811110001,1998-02-28,2,"上海市, 1 号","say ""hi""",2023-05-06T07:08:09.123Z`,
    ],
  );
  expect({ code, errors }).toEqual({ code: 0, errors: "" });
  expect(sums(output)).toEqual({ imported: 1, "there already": 0 });
  expect(await found("ann")).toEqual({
    isNewUser: false,
    createdAt: "2023-05-06T07:08:09.123Z",
    nickname: "安娜 😀",
    email: "ann@example.com",
    phone: "+8613811110001",
    birthday: "1998-02-28",
    gender: "FEMALE",
    address: "上海市, 1 号",
    signature: 'say "hi"',
  });
});

test("the same file again changes nothing, whatever people have changed meanwhile", async () => {
  const header = "openid,nickname,phone,unionid,gender";
  const rows = ["bea", "ben", "bob"].map(
    (person, index) => `${openid(person)},${person},1381111001${index},${unionidOf(person)},1`,
  );
  await importRows(header, rows);
  const { token } = await client.signedIn("bea");
  await client.updateProfile(token, { nickname: "Beatrice", gender: null });
  const before = await allTables(app.database);
  const { code, output } = await importRows(header, rows);
  expect(code).toBe(0);
  expect(sums(output)).toEqual({ imported: 0, "there already": 3 });
  expect(await allTables(app.database)).toEqual(before);
  expect(await found("bea")).toMatchObject({ nickname: "Beatrice", gender: null });
});

test("--fill fills in what is empty and nothing else, once", async () => {
  const { token } = await client.signedIn("cat");
  await client.updateProfile(token, { nickname: "Cat herself" });
  const rows = [`${openid("cat")},Cat of old,13811110021,1990-01-01`, `${openid("cleo")},Cleo,13811110022,`];
  const header = "openid,nickname,phone,birthday";
  expect(sums((await importRows(header, rows)).output)).toMatchObject({ imported: 1, "there already": 1 });
  expect(await found("cat")).toMatchObject({ nickname: "Cat herself", phone: null, birthday: null });

  const filled = "of a user who was there, whose empty fields were filled in";
  const dry = await importRows(header, rows, "--fill", "--dry-run");
  expect(sums(dry.output)).toEqual({ imported: 0, "there already": 2, [filled]: 1 });
  expect(sums((await importRows(header, rows, "--fill")).output)).toEqual(sums(dry.output));
  expect(await found("cat")).toMatchObject({
    nickname: "Cat herself",
    phone: "+8613811110021",
    birthday: "1990-01-01",
  });
  expect(sums((await importRows(header, rows, "--fill")).output)).toEqual({ imported: 0, "there already": 2 });
});

test.each([
  [
    "sex",
    "gender",
    [
      ["1", "MALE"],
      ["m", "MALE"],
      ["Male", "MALE"],
      ["男", "MALE"],
      ["MALE", "MALE"],
    ],
  ],
  [
    "gender",
    "gender",
    [
      ["2", "FEMALE"],
      ["F", "FEMALE"],
      ["female", "FEMALE"],
      ["女", "FEMALE"],
    ],
  ],
  [
    "Gender",
    "gender",
    [
      ["0", null],
      ["unknown", null],
      ["未知", null],
      ["", null],
      [" ", null],
    ],
  ],
  [
    "mobile",
    "phone",
    [
      ["13811110041", "+8613811110041"],
      ["86 138-1111-0042", "+8613811110042"],
    ],
  ],
  [
    "tel",
    "phone",
    [
      ["+14155552671", "+14155552671"],
      ["+86 138 1111 0043", "+8613811110043"],
    ],
  ],
  ["birth_date", "birthday", [["2000-02-29", "2000-02-29"]]],
  ["nickName", "nickname", [["  小明 ", "小明"]]],
  [
    "date_joined",
    "createdAt",
    [
      ["2023-05-06 07:08:09.123456+00:00", "2023-05-06T07:08:09.123Z"],
      ["2023-05-06T07:08:09.123456+08:00", "2023-05-05T23:08:09.123Z"],
      ["2023-05-06 07:08:09+00", "2023-05-06T07:08:09.000Z"],
      ["2023-05-06 07:08:09 UTC", "2023-05-06T07:08:09.000Z"],
      ["2023-05-06T07:08+0530", "2023-05-06T01:38:00.000Z"],
      ["2023-05-06 07:08:09", "2023-05-05T23:08:09.000Z"],
      ["2023-05-06", "2023-05-05T16:00:00.000Z"],
    ],
  ],
] as const)("the column %s is the %s, as others write it", async (column, field, values) => {
  const person = (index: number) => `${column}${index}`;
  const rows = values.map(([text], index) => `${openid(person(index))},${text}`);
  const { errors } = await importRows(`open_id,${column}`, rows);
  expect(errors).toBe("");
  for (const [index, [, value]] of values.entries()) expect((await found(person(index)))[field]).toBe(value);
});

test("times without an offset can be meant with another one", async () => {
  await importRows("openid,createTime", [`${openid("dan")},2023-05-06 07:08:09`], "--offset", "+00:00");
  expect(await found("dan")).toMatchObject({ createdAt: "2023-05-06T07:08:09.000Z" });
});

const badFields = [
  ["nickname", "x".repeat(33), "is too long"],
  ["nickname", "a\u0007b", "contains control, direction or broken characters"],
  ["email", "nobody@nowhere", "is not a valid e-mail address"],
  ["birthday", "1998-02-30", "must be a real date from 1900-01-01 to today, such as 2000-01-31"],
  ["gender", "3", "must be 1, 2, M, F, male, female, 男, 女, or 0 if unknown"],
  ["phone", "12345", "must be like +8613800138000 or 13800138000"],
  ["phone", "02112345678", "must be like +8613800138000 or 13800138000"],
  ["unionid", "not one", "can't be WeChat's"],
  ["createdAt", "2023-02-30 10:00:00", "must be a past time such as 2024-05-06T07:08:09+08:00"],
  ["createdAt", "2999-01-01 10:00:00", "must be a past time such as 2024-05-06T07:08:09+08:00"],
  ["createdAt", "yesterday", "must be a past time such as 2024-05-06T07:08:09+08:00"],
  ["isActive", "perhaps", "must be true or false"],
] as const;

test("a value that breaks a rule is left out, and the rest of the row imported", async () => {
  const lines = badFields.map(([field, value], index) =>
    JSON.stringify({ openid: openid(`bad${index}`), [field]: value, address: "Nanjing Road" }),
  );
  const problems = newPath("csv");
  const { code, output, errors } = await importFile(fileOf(lines.join("\n"), "jsonl"), "--skipped", problems);
  expect(code).toBe(0);
  expect(sums(output)).toMatchObject({ imported: badFields.length, "there already": 0 });
  expect(errors).toBe(
    badFields.map(([field, , reason], index) => `Line ${index + 1} ${field} left out: ${reason}\n`).join(""),
  );
  expect(readFileSync(problems, "utf8")).toBe(
    ["line,field,reason\n", ...badFields.map(([field, , reason], index) => `${index + 1},${field},"${reason}"\n`)].join(
      "",
    ),
  );
  for (const [, value] of badFields) expect(output + errors).not.toContain(value.length > 2 ? value : "\u0000");
  expect(await found("bad0")).toMatchObject({ isNewUser: false, nickname: null, address: "Nanjing Road" });
});

test("a row that doesn't say whom it is about is skipped", async () => {
  const good = openid("eva");
  const { code, output, errors } = await importRows("openid,nickname,appId", [
    `${good},Eva,`,
    ",Nobody,",
    "no openid!,Nobody,",
    `${good}x,Nobody,wx9999999999999999`,
    `${good},Eva again,`,
    `${good}y,too,many,cells`,
    `${good}z`,
    ",,",
  ]);
  expect(code).toBe(0);
  expect(errors).toBe(
    [
      "Line 3 skipped: has no openid\n",
      "Line 4 skipped: has an openid that can't be WeChat's\n",
      "Line 5 skipped: is for an app that isn't in WECHAT_APPS\n",
      "Line 6 skipped: has the openid of a row further up\n",
      "Line 7 skipped: has not as many cells as the header\n",
    ].join(""),
  );
  expect(sums(output)).toMatchObject({ imported: 2, skipped: 5 });
  expect(await found("eva")).toMatchObject({ nickname: "Eva" });
});

test("an openid that comes again many rows later is told from one that was there before, each time", async () => {
  const rows = Array.from({ length: 700 }, (_, index) => openid(`many${index}`));
  const twice = [...rows, openid("many0")];
  const repeated = "has the openid of a row further up";
  const dry = await importRows("openid", twice, "--dry-run");
  expect(sums(dry.output)).toMatchObject({ imported: 700, skipped: 1, [`skipped: ${repeated}`]: 1 });
  expect(sums((await importRows("openid", twice)).output)).toEqual(sums(dry.output));
  const again = await importRows("openid", twice);
  expect(sums(again.output)).toMatchObject({ imported: 0, "there already": 700, skipped: 1 });
  expect(again.errors).toBe(`Line 702 skipped: ${repeated}\n`);
});

test("a phone number is one user's: whoever has it keeps it, and then the first in the file gets it", async () => {
  await importRows("openid,phone", [`${openid("fay")},13811110061`]);
  const { output, errors } = await importRows("openid,phone,nickname", [
    `${openid("fred")},13811110061,Fred`,
    `${openid("fiona")},13811110062,Fiona`,
    `${openid("finn")},+8613811110062,Finn`,
  ]);
  expect(sums(output)).toMatchObject({ imported: 3 });
  expect(errors).toBe(
    "Line 2 phone left out: belongs to another user\nLine 4 phone left out: belongs to another user\n",
  );
  expect(await found("fay")).toMatchObject({ phone: "+8613811110061" });
  expect(await found("fred")).toMatchObject({ phone: null, nickname: "Fred" });
  expect(await found("fiona")).toMatchObject({ phone: "+8613811110062" });
});

test("a person of two apps is one user by the unionid, as in signing in", async () => {
  const { user } = await client.signedIn("gus");
  const inSecond = (person: string) => openidOf(secondApp, person);
  const header = "openid,appId,unionid,nickname";
  const rows = [
    `${inSecond("gus")},${secondApp},${unionidOf("gus")},Gus of the file`,
    `${openid("gwen")},${firstApp},${unionidOf("gwen")},Gwen`,
    `${inSecond("gwen")},${secondApp},${unionidOf("gwen")},Gwen again`,
    `${openid("gus")},${firstApp},${unionidOf("gwen")},`,
  ];
  const dry = await importRows(header, rows, "--dry-run");
  const { output, errors } = await importRows(header, rows);
  expect(sums(output)).toMatchObject({ imported: 1, "given to the user who has the unionid": 2, "there already": 1 });
  expect(errors).toBe("Line 5 unionid left out: belongs to another user\n");
  expect([dry.errors, sums(dry.output)]).toEqual([errors, sums(output)]);
  const again = await client.signedIn("gus", { appId: secondApp });
  expect(again).toMatchObject({ isNewUser: false, user: { id: user.id, nickname: null } });
  const gwen = await client.signedIn("gwen");
  expect(await client.signedIn("gwen", { appId: secondApp })).toMatchObject({
    user: { id: gwen.user.id, nickname: "Gwen" },
  });
});

test("who was barred stays barred, and a user who is here isn't disabled by a file", async () => {
  await client.signedIn("hank");
  const { errors } = await importRows("openid,is_active", [
    `${openid("hal")},False`,
    `${openid("hank")},0`,
    `${openid("hope")},True`,
  ]);
  expect(errors).toBe("Line 3 isActive left out: is false, but the user is here and stays active\n");
  expect((await client.login("hal")).outcome).toBe("USER_DISABLED");
  expect((await client.login("hank")).outcome).toBe("ok");
  expect((await client.login("hope")).outcome).toBe("ok");
});

test("who was barred stays barred in another app, which a file joins by the unionid", async () => {
  const { user } = await client.signedIn("hugo");
  expect((await run(["disable", user.id], { env })).code).toBe(0);
  const row = `${openid("hugo", secondApp)},${secondApp},${unionidOf("hugo")},1`;
  const { output, errors } = await importRows("openid,appId,unionid,is_active", [row]);
  expect([sums(output), errors]).toEqual([expect.objectContaining({ imported: 0 }), ""]);
  expect((await client.login("hugo", { appId: secondApp })).outcome).toBe("USER_DISABLED");
  expect((await client.login("hugo")).outcome).toBe("USER_DISABLED");
  expect((await run(["enable", user.id], { env })).code).toBe(0);
  expect((await client.signedIn("hugo", { appId: secondApp })).user.id).toBe(user.id);
});

test("--dry-run writes nothing and tells the same", async () => {
  const header = "openid,phone,unionid";
  const rows = Array.from(
    { length: 600 },
    (_, index) => `${openid(`dry${index}`)},138222${String(index % 599).padStart(5, "0")},`,
  );
  const before = await allTables(app.database);
  const dry = await importRows(header, rows, "--dry-run");
  expect(dry.output).toMatch(/^Nothing was written\./);
  expect(await allTables(app.database)).toEqual(before);
  const real = await importRows(header, rows);
  expect(sums(dry.output)).toEqual(sums(real.output));
  expect(sums(real.output)).toMatchObject({ imported: 600, "phone left out: belongs to another user": 1 });
});

test("people who sign in for the first time meanwhile are one user each", async () => {
  const people = Array.from({ length: 40 }, (_, index) => `race${index}`);
  const rows = people.map((person) => `${openid(person)},${unionidOf(person)},${person}`);
  const [{ code, output }, ...logins] = await Promise.all([
    importRows("openid,unionid,nickname", rows),
    ...people.map((person) => client.signedIn(person)),
  ]);
  expect(code).toBe(0);
  const { imported = 0, "there already": there = 0 } = sums(output);
  expect(imported + there).toBe(people.length);
  expect(logins.filter(({ isNewUser }) => isNewUser)).toHaveLength(there);
  for (const [index, person] of people.entries()) {
    expect(await client.signedIn(person)).toMatchObject({ isNewUser: false, user: { id: logins[index]?.user.id } });
  }
});

test("CSV as Excel and Windows write it is read: a mark, CRLF, empty lines, line breaks in quotes, stray quotes", async () => {
  const content = [
    "\ufeffOpenID,Nickname,Address",
    `${openid("ida")},"Ida, the first","1 Road`,
    `of two lines"`,
    "",
    `${openid("ike")},Ike "the Great",2 Road`,
    `${openid("ina")},"Ina" too,3 Road`,
    "",
  ].join("\r\n");
  const { errors } = await importFile(fileOf(content));
  expect(errors).toBe("Line 2 address left out: contains control, direction or broken characters\n");
  expect(await found("ida")).toMatchObject({ nickname: "Ida, the first" });
  expect(await found("ike")).toMatchObject({ nickname: 'Ike "the Great"', address: "2 Road" });
  expect(await found("ina")).toMatchObject({ address: "3 Road" });
});

test("JSON lines are read: plain ones, with numbers and null, those of Django's dumpdata, and broken ones skipped", async () => {
  const lines = [
    JSON.stringify({
      open_id: openid("jan"),
      sex: 1,
      phone: 13811110081,
      email: null,
      nickname: "a\u2028b",
      tags: ["x"],
    }),
    JSON.stringify({
      model: "users.user",
      pk: 7,
      fields: { openid: openid("jim"), nick_name: "Jim", is_active: true },
    }),
    "",
    '{"openid": "o',
    "[1]",
    JSON.stringify({ openid: openid("joy"), nickname: { first: "Joy" } }),
  ];
  const { code, output, errors } = await importFile(fileOf(`\ufeff${lines.join("\r\n")}`, "ndjson"));
  expect(code).toBe(0);
  expect(errors).toBe(
    [
      "Line 1 nickname left out: contains control, direction or broken characters\n",
      "Line 4 skipped: is no JSON object\n",
      "Line 5 skipped: is no JSON object\n",
      "Line 6 nickname left out: contains control, direction or broken characters\n",
    ].join(""),
  );
  expect(output).toContain("\nColumns that were not used: tags\n");
  expect(await found("jan")).toMatchObject({ gender: "MALE", phone: "+8613811110081" });
  expect(await found("jim")).toMatchObject({ nickname: "Jim" });
});

test("- reads the standard input", async () => {
  const typed = `${JSON.stringify({ openid: openid("kai"), nickname: "Kai" })}\n`;
  const { code } = await run(["import", "-", "--format", "jsonl", "--app-id", firstApp], { env, typed });
  expect(code).toBe(0);
  expect(await found("kai")).toMatchObject({ nickname: "Kai" });
});

test("--map says which column is which, or that one isn't wanted; what isn't used is named once", async () => {
  const { output } = await importRows(
    "wx_id,openid,intro,phone,nickname,nick,constructor",
    [`${openid("leo")},ignored,Hello,13811110091,Leo,Leopold,pbkdf2`, `${openid("lea")},ignored,Hi,13811110092,Lea,,`],
    ...["--map", "wx_id=openid", "--map", "intro=signature", "--map", "phone="],
  );
  expect(output).toContain("\nColumns that were not used: openid, nick, constructor\n");
  expect(await found("leo")).toMatchObject({ signature: "Hello", phone: null, nickname: "Leo" });
});

test("rows that name no app need --app-id, unless there is one app only", async () => {
  const file = fileOf(`openid\n${openid("max")}\n`);
  const without = await run(["import", file], { env });
  expect(without.code).toBe(1);
  expect(without.errors).toContain(`Line 2 names no app`);
  expect(without.errors).toContain(`one of ${firstApp}, ${secondApp}.\n`);
  const one = { ...env, WECHAT_APPS: `${firstApp}:secret` };
  expect(sums((await run(["import", file], { env: one })).output)).toMatchObject({ imported: 1 });
  const unknown = await run(["import", file, "--app-id", "wxelsewhere"], { env });
  expect(unknown.code).toBe(2);
  expect(unknown.errors).toContain(firstApp);
  const production = { ...env, NODE_ENV: "production" };
  expect((await run(["import", file], { env: production })).errors).toContain("Add --app-id.\n");
});

const gbk = Buffer.from([...Buffer.from("openid,nickname\noooooooooo,"), 0xd6, 0xd0, 0xb9, 0xfa, 0x0a]);

test.each([
  ["nothing", "csv", "", "The file is empty."],
  ["nothing", "jsonl", "", "The file is empty."],
  ["GBK", "csv", gbk, "The file is not UTF-8. Save it as UTF-8"],
  ["half of UTF-16", "csv", Buffer.from("\ufeffopenid\n", "utf16le").subarray(0, -1), "The file begins as UTF-16"],
  ["a workbook", "csv", Buffer.from("504b0304140006000800", "hex"), "This is a workbook of Excel's, or an archive."],
  ["no openid", "csv", "name,phone\n1,2\n", "The first line names no column openid."],
  ["a JSON array", "jsonl", '[{"openid":"oooooooooo"}]', "This is a JSON array."],
  ["no JSON at all", "jsonl", "openid,nickname\noooooooooo,x\n", "No line of the file is a JSON object."],
  ["a line without end", "jsonl", "x".repeat(1_100_000), "A line is longer than a million characters"],
])("a file with %s is refused: %s", async (_, extension, content, message) => {
  const { code, errors } = await importFile(fileOf(content, extension));
  expect(code).toBe(1);
  expect(errors).toContain(message);
});

test("a quote that is never closed ends the import, after the rows before it", async () => {
  const { code, output, errors } = await importRows("openid,nickname", [
    `${openid("nat")},Nat`,
    `${openid("ned")},"Ned`,
    ...Array.from({ length: 3_000 }, (_, index) => `${openid("nobody")}${index},Nobody`),
  ]);
  expect(code).toBe(1);
  expect(sums(output)).toMatchObject({ imported: 1 });
  expect(errors).toContain("The row that begins in line 3 doesn't end: is a quote missing?");
});

test("all rows before a quote that is never closed are imported, however many came with it", async () => {
  const rows = Array.from({ length: 700 }, (_, index) => `${openid(`whole${index}`)},Whole`);
  const { code, output, errors } = await importRows("openid,nickname", [...rows, `${openid("half")},"Half`]);
  expect(code).toBe(1);
  expect(sums(output)).toMatchObject({ imported: 700 });
  expect(errors).toContain("The row that begins in line 702 doesn't end: is a quote missing?");
  expect((await client.signedIn("whole699")).isNewUser).toBe(false);
  expect((await client.signedIn("half")).isNewUser).toBe(true);
});

test.each([
  [["import"]],
  [["import", "users.txt"]],
  [["import", "-"]],
  [["import", "users.csv", "--format", "xml"]],
  [["import", "users.csv", "--map", "nickname"]],
  [["import", "users.csv", "--map", "a=password"]],
  [["import", "users.csv", "--offset", "8"]],
  [["import", "users.csv", "--app-id", "no app"]],
])("wrong usage is 2: %j", async (args) => {
  const { code, output, errors } = await run(args, { env });
  expect({ code, output }).toEqual({ code: 2, output: "" });
  expect(errors).not.toBe("");
});

test("what can't be read or written is named", async () => {
  expect((await importFile("/no/such/users.csv")).errors).toBe("/no/such/users.csv can't be read (ENOENT).\n");
  const precious = fileOf("precious", "txt");
  const { code, errors } = await importRows("openid", [openid("olga")], "--skipped", precious);
  expect({ code, errors }).toEqual({ code: 1, errors: `${precious} is there already, and nothing is overwritten.\n` });
  expect(readFileSync(precious, "utf8")).toBe("precious");
  const missing = await importRows("openid,x", [`${openid("olga")},1`], "--map", "nick_name=nickname");
  expect(missing.errors).toBe("The file has no column nick_name, which --map names.\n");
});

test("whoever watches sees how far it is on one line, which the result replaces", async () => {
  const [output, errors] = [new PassThrough(), Object.assign(new PassThrough(), { isTTY: true })];
  let looks = 0;
  const surroundings = { env, fetch, now: () => new Date(Date.now() + 200 * ++looks) };
  const terminal = createTerminal({ input: Readable.from([]), output, errors }, surroundings);
  const rows = Array.from({ length: 1_200 }, (_, index) => `${openid("watched")}${index}`);
  const file = fileOf(["openid", ...rows, ""].join("\n"));
  expect(await runAdmin(["import", file, "--app-id", firstApp], terminal)).toBe(0);
  for (const stream of [output, errors]) stream.end();
  const notes = (await text(errors)).split("\r\u001b[K");
  expect(notes.length).toBeGreaterThan(1);
  expect(notes.filter((note) => !/^\d+ rows, \d+ a second$/.test(note))).toEqual([""]);
  expect(await text(output)).toContain("1200  imported");
});
