import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { isEmptyWord } from "../../../src/admin/import/cell.js";
import { withLineFeeds } from "../../../src/admin/import/csv-text.js";
import { fieldOfName, importFields } from "../../../src/admin/import/fields.js";
import { decodeText } from "../../../src/admin/import/read-text.js";
import { User } from "../../../src/user/user.js";
import { createImport, sums } from "../../support/import.js";
import { startTestApp } from "../../support/test-app.js";

const app = await startTestApp();
const { importFile, importRows, fileOf, newPath, openid, found } = createImport(app);

let people = 0;

/** Somebody whom nobody else in these tests is. */
const newPerson = () => `somebody${++people}`;

/** Imports rows and gives what was told of them. */
const told = async (header: string, ...rows: string[]) => (await importRows(header, rows)).errors;

test.each([
  ["生日", "birthday", "1998-02-28", "1998/2/28"],
  ["出生日期", "birthday", "1998-02-28", "1998年2月28日"],
  ["birth_day", "birthday", "1998-02-28", "1998.02.28"],
  ["birthday", "birthday", "1998-02-28", "19980228"],
  ["dob", "birthday", "1998-02-28", "1998-2-28 00:00:00"],
  ["生日(选填)", "birthday", "1998-02-28", "1998-02-27T16:00:00.000Z"],
  ["出生年月日", "birthday", "1998-02-28", "1998-02-28T00:00:00.000Z"],
  ["Birth Date", "birthday", "1998-02-28", "888595200"],
  ["birthday ", "birthday", "1998-02-28", "888595200000"],
  ["BIRTHDAY", "birthday", "1998-02-28", "888595200000.0"],
  ["birth-day", "birthday", "1988-07-01", "1988-06-30T15:00:00Z"],
  ["date of birth", "birthday", "1960-01-01", "-315648000"],
  ["birth", "birthday", "1998-02-28", "１９９８／２／２８"],
  ["注册时间", "createdAt", "2023-04-30T16:00:00.000Z", "2023年5月1日"],
  ["创建时间", "createdAt", "2023-05-01T00:05:00.000Z", "2023/5/1 8:05"],
  ["注册日期", "createdAt", "2023-05-01T00:05:09.000Z", "2023年5月1日 8时5分9秒"],
  ["create_time", "createdAt", "2023-05-01T00:05:00.000Z", "2023年05月01日08:05"],
  ["created_at", "createdAt", "2023-05-05T23:08:09.000Z", "1683328089"],
  ["gmt_create", "createdAt", "2023-05-05T23:08:09.123Z", "1683328089123"],
  ["register_time", "createdAt", "2023-05-05T23:08:09.500Z", "1683328089.5"],
  ["regTime", "createdAt", "2023-05-05T23:08:09.000Z", "20230506070809"],
  ["createdAt", "createdAt", "2023-05-05T23:08:09.123Z", "2023-05-06 07:08:09.123456 +0800 CST"],
  ["加入时间", "createdAt", "2023-05-05T23:08:09.000Z", "2023-05-06 07：08：09"],
  ["手机号", "phone", "+8613822220001", "13822220001.0"],
  ["手机", "phone", "+8613822220002", "'13822220002"],
  ["手机号码", "phone", "+8613822220003", '="13822220003"'],
  ["联系电话", "phone", "+8613822220004", "１３８２２２２０００４"],
  ["*手机号（必填）", "phone", "+8613822220005", "\t13822220005"],
  ["电话", "phone", "+8613822220006", "\u202d13822220006\u202c"],
  ["phone_number", "phone", "+8613822220007", "0086-138-2222-0007"],
  ["Mobile Phone", "phone", "+8613822220008", "(+86) 138 2222 0008"],
  ["tel.", "phone", "+8613822220009", "1.3822220009E10"],
  ["mobile", "phone", "+8613822220010", "`13822220010"],
  ["性别", "gender", "MALE", "1.0"],
  ["Sex", "gender", "FEMALE", "女士"],
  ["sex", "gender", null, "0.0"],
  ["昵称", "nickname", "小明", "小明"],
  ["微信昵称", "nickname", "Nan", "Nan"],
  ["nick_name", "nickname", '\'Tis "I"', '\'Tis "I"'],
  ["邮箱", "email", "ann@example.com", "ann＠example.com"],
  ["地址", "address", "南京路 1 号", "南京路 1 号"],
  ["个性签名", "signature", "=)", "=)"],
] as const)("the column %s has a %s that is read as %s: %s", async (column, field, value, text) => {
  const person = newPerson();
  const { errors } = await importRows(`openid,${column}`, [`${openid(person)},"${text.replaceAll('"', '""')}"`]);
  expect(errors).toBe("");
  expect((await found(person))[field]).toBe(value);
});

test.each([
  "undefined",
  "NULL",
  "null",
  "\\N",
  "None",
  "nan",
  "NaN",
  "(NULL)",
  "#N/A",
  "000000",
  "default",
  "-",
  "未填写",
])("%s is a word for nothing in any field, which the sums tell", async (word) => {
  const person = newPerson();
  const fields = ["nickname", "email", "phone", "birthday", "gender", "address", "signature", "createdAt", "isActive"];
  const { output, errors } = await importRows(`openid,unionid,${fields.join(",")}`, [
    [openid(person), ...Array.from({ length: 10 }, () => word)].join(","),
  ]);
  expect(errors).toBe("");
  expect(sums(output)).toEqual({
    imported: 1,
    "there already": 0,
    ...Object.fromEntries(["unionid", ...fields].map((field) => [`${field} left out: is a word for nothing`, 1])),
  });
  const { isNewUser, createdAt, ...profile } = await found(person);
  expect(isNewUser).toBe(false);
  expect(Date.now() - Date.parse(String(createdAt))).toBeLessThan(60_000);
  expect(new Set(Object.values(profile))).toEqual(new Set([null]));
});

test("a word for nothing is in the file of problems, and hides no other problem", async () => {
  const problems = newPath("csv");
  const rows = Array.from({ length: 30 }, (_, index) => `${openid(`words${index}`)},NULL,`);
  const { errors } = await importRows(
    "openid,address,birthday",
    [...rows, `${openid("words30")},x,someday`],
    ...["--skipped", problems],
  );
  expect(errors).toMatch(/^Line 32 birthday left out: must be a real date [^\n]+\n$/);
  expect(readFileSync(problems, "utf8").split("\n")[1]).toBe('2,address,"is a word for nothing"');
});

test.each(["undefined", "NULL", "\\N", "None", "000000", "", "default"])(
  "a row whose openid is '%s' has none",
  async (word) => {
    const before = await app.database.em.fork().count(User);
    expect(await told("nickname,openid", `Ann,${word}`)).toBe("Line 2 skipped: has no openid\n");
    expect(await app.database.em.fork().count(User)).toBe(before);
  },
);

test.each([
  "openid",
  "unknown",
  "string",
  "13800138000",
  "xxxxxxxxxxxx",
  "507f1f77bcf86cd799439011",
  "wx0123456789abcdef",
  "550e8400-e29b-41d4-a716-446655440000",
  "oAbc 123456",
  "o".repeat(9_000),
])("a row whose openid is %s is skipped", async (text) => {
  const before = await app.database.em.fork().count(User);
  expect(await told("nickname,openid", `Ann,${text}`)).toBe("Line 2 skipped: has an openid that can't be WeChat's\n");
  expect(await app.database.em.fork().count(User)).toBe(before);
});

const badPhone = "phone left out: must be like +8613800138000 or 13800138000";
const badTime = "createdAt left out: must be a past time such as 2024-05-06T07:08:09+08:00";
const badDate = "birthday left out: must be a real date from 1900-01-01 to today, such as 2000-01-31";

test.each([
  ["phone", "1.38E+10", badPhone],
  ["phone", "1.38222E+10", badPhone],
  ["phone", "1.3822220009E9", badPhone],
  ["phone", "138****8000", badPhone],
  ["phone", "13800138000.5", badPhone],
  ["phone", "13800138000/13900139000", badPhone],
  ["phone", "0", badPhone],
  ["createdAt", "45000", badTime],
  ["createdAt", "45052.2975", badTime],
  ["createdAt", "5/6/2023", badTime],
  ["createdAt", "23-05-06", badTime],
  ["createdAt", "2023年13月1日", badTime],
  ["createdAt", "2023/5-1", badTime],
  ["createdAt", "0", badTime],
  ["createdAt", "4102444800", badTime],
  ["createdAt", "1683328089123456", badTime],
  ["birthday", "2/28/1998", badDate],
  ["birthday", "1998/2/30", badDate],
  ["birthday", "19980230", badDate],
  ["birthday", "35854", badDate],
  ["birthday", "1998年2月", badDate],
  ["birthday", "13800138000", badDate],
  ["birthday", "1998-02-28 25:00:00", badDate],
  ["gender", "1.5", "gender left out: must be 1, 2, M, F, male, female, 男, 女, or 0 if unknown"],
  ["isActive", "2", "isActive left out: must be true or false"],
])("a %s of %s isn't plain, and is told", async (field, text, reason) => {
  const person = newPerson();
  expect(await told(`openid,${field}`, `${openid(person)},${text}`)).toBe(`Line 2 ${reason}\n`);
  expect((await found(person)).isNewUser).toBe(false);
});

test.each([
  ["启用", "ok"],
  ["正常", "ok"],
  ["是", "ok"],
  ["1.0", "ok"],
  ["禁用", "USER_DISABLED"],
  ["停用", "USER_DISABLED"],
  ["否", "USER_DISABLED"],
  ["N", "USER_DISABLED"],
  ["0.0", "USER_DISABLED"],
])("who is %s under 是否启用 signs in with the outcome %s", async (text, outcome) => {
  const person = newPerson();
  expect(await told("openid,是否启用", `${openid(person)},${text}`)).toBe("");
  expect((await app.client.login(person)).outcome).toBe(outcome);
});

const utf16be = (text: string) => Buffer.from(text, "utf16le").swap16();

const mark = "\ufeff";

test.each([
  ["UTF-8 with a mark", (text: string) => Buffer.from(mark + text)],
  ["UTF-16 LE with a mark", (text: string) => Buffer.from(mark + text, "utf16le")],
  ["UTF-16 BE with a mark", (text: string) => utf16be(mark + text)],
  ["UTF-16 LE without a mark", (text: string) => Buffer.from(text, "utf16le")],
  ["UTF-16 BE without a mark", (text: string) => utf16be(text)],
])("%s is read, in CSV, with tabs, and in JSON lines", async (_, encode) => {
  const [comma, tab, json] = [newPerson(), newPerson(), newPerson()];
  await importFile(fileOf(encode(`openid,昵称\r\n${openid(comma)},小明😀\r\n`)));
  await importFile(fileOf(encode(`openid\t昵称\r\n${openid(tab)}\t小明，"是"\r\n`), "tsv"));
  await importFile(fileOf(encode(`${JSON.stringify({ openid: openid(json), nickName: "小明" })}\n`), "jsonl"));
  expect((await found(comma))["nickname"]).toBe("小明😀");
  expect((await found(tab))["nickname"]).toBe('小明，"是"');
  expect((await found(json))["nickname"]).toBe("小明");
});

test.each([
  ["UTF-8", Buffer.from(`${mark}openid,昵称😀`)],
  ["UTF-16 LE", Buffer.from(`${mark}openid,昵称😀`, "utf16le")],
  ["UTF-16 BE", utf16be("openid,昵称😀")],
])("%s is read, byte by byte", async (_, bytes) => {
  const single = Readable.from([...bytes].map((byte) => Buffer.of(byte)));
  expect((await Readable.from(decodeText(single)).toArray()).join("")).toBe("openid,昵称😀");
});

test("a large file in UTF-16 is read across the pieces in which it comes", async () => {
  const rows = Array.from({ length: 6_000 }, (_, index) => `${openid(`wide${index}`)},昵称${index}😀`);
  const content = Buffer.from(`${mark}openid,昵称\n${rows.join("\n")}\n`, "utf16le");
  const { output, errors } = await importFile(fileOf(content));
  expect([errors, sums(output)["imported"]]).toEqual(["", 6_000]);
  expect((await found("wide5999"))["nickname"]).toBe("昵称5999😀");
});

test.each([
  ["semicolons", ";", "\n"],
  ["tabs", "\t", "\r\n"],
  ["bars", "|", "\n"],
  ["commas and CR alone", ",", "\r"],
])("cells parted by %s are read, and lines counted", async (_, separator, lineBreak) => {
  const [first, second] = [newPerson(), newPerson()];
  const line = (...cells: string[]) => cells.join(separator) + lineBreak;
  const content = [
    line("openid", "nickname", "address"),
    line(openid(first), `"Ann${separator}"`, '"1 Road"'),
    lineBreak,
    line(openid(second), `"two${lineBreak}lines"`, "2 Road"),
    line("", "Nobody", ""),
  ].join("");
  const { errors } = await importFile(fileOf(content));
  expect(errors).toBe(
    "Line 4 nickname left out: contains control, direction or broken characters\nLine 6 skipped: has no openid\n",
  );
  expect(await found(first)).toMatchObject({
    nickname: separator === "\t" ? "Ann" : `Ann${separator}`,
    address: "1 Road",
  });
  expect(await found(second)).toMatchObject({ nickname: null, address: "2 Road" });
});

test("the line that tells Excel the separator is obeyed and counted", async () => {
  expect(await told("sep=;\nopenid;nickname,x", `${openid("sep")};Sep, "S"`, ";Nobody")).toBe(
    "Line 4 skipped: has no openid\n",
  );
  expect((await found("sep")).isNewUser).toBe(false);
});

test.each([
  ["a\r\nb\r\n\r\nc", "a\nb\n\nc"],
  ["a\nb\r\nc\rd\n", "a\nb\nc\rd\n"],
  ["\r\n\r\na\r\nb", "\n\na\nb"],
  ["a\rb\r\rc\r", "a\nb\n\nc\n"],
  ["a\r\nb\rc\r\n", "a\nb\rc\n"],
])("wherever %j is cut into pieces, its lines are the same", async (text, lines) => {
  for (let cut = 0; cut <= text.length; cut++) {
    const pieces = [[text.slice(0, cut), text.slice(cut)], [...text]];
    for (const some of pieces) {
      expect((await Readable.from(withLineFeeds(Readable.from(some))).toArray()).join("")).toBe(lines);
    }
  }
});

test("lines that end one way and then another are all read", async () => {
  const content = `openid,nickname\r\n${openid("mix1")},A\n${openid("mix2")},B\r\n${openid("mix3")},C\rD\n`;
  const { errors } = await importFile(fileOf(content));
  expect(errors).toBe("Line 4 nickname left out: contains control, direction or broken characters\n");
  for (const person of ["mix1", "mix2", "mix3"]) expect((await found(person)).isNewUser).toBe(false);
});

test("cells that are missing or empty at the end of a row are empty, and a row of commas is none", async () => {
  const { output, errors } = await importRows("openid,nickname,phone,,", [
    `${openid("short1")}`,
    `${openid("short2")},Short`,
    `${openid("long1")},Long,,,,,,,`,
    ",,,,",
    " , ,",
    `${openid("long2")},Long,,,,,,x`,
  ]);
  expect(errors).toBe("Line 7 skipped: has not as many cells as the header\n");
  expect(sums(output)).toMatchObject({ imported: 3, skipped: 1 });
  expect(await found("short1")).toMatchObject({ isNewUser: false, nickname: null });
  expect(await found("short2")).toMatchObject({ isNewUser: false, nickname: "Short" });
  expect(await found("long1")).toMatchObject({ isNewUser: false, nickname: "Long" });
});

test("of two columns with one name the first is used, and the other is told like one without a name", async () => {
  const { output } = await importRows("openid,nickname,,nickname,昵称", [`${openid("again")},First,x,Second,Third`]);
  expect(output).toContain("\nColumns that were not used: (no name), nickname (again), 昵称\n");
  expect((await found("again"))["nickname"]).toBe("First");
});

test("a header further down, as in files that were put together, is skipped and told", async () => {
  const header = "openid,nickname";
  expect(await told(header, `${openid("part1")},A`, `${mark}${header}`, `${openid("part2")},B`)).toBe(
    "Line 3 skipped: has an openid that can't be WeChat's\n",
  );
  expect((await found("part2")).isNewUser).toBe(false);
});

test("a file with a header alone is said to have no rows", async () => {
  expect((await importFile(fileOf("openid,nickname\n"))).output).toBe("The file has no rows.\n");
});

test("a quote that is missing gives nobody the cells of somebody else, and is told", async () => {
  const header = "nickname,openid,remark,phone";
  const [before, victim, taken, after] = [newPerson(), newPerson(), newPerson(), newPerson()];
  const errors = await told(
    header,
    `A,${openid(before)},"two`,
    `lines, both of them mine, and a long word: 0123456789012345678901234567890",13822228001`,
    `B,${openid(victim)},"he said,13822228002`,
    `C,${openid(taken)},"so",13822228003`,
    `D,${openid(after)},x,13822228004`,
  );
  expect(errors).toBe("Line 4 skipped: takes in rows after it: is a quote missing?\n");
  expect(await found(before)).toMatchObject({ phone: "+8613822228001" });
  expect(await found(after)).toMatchObject({ phone: "+8613822228004" });
  expect(await found(victim)).toMatchObject({ isNewUser: true, phone: null });
});

test("a row with a picture in it is read", async () => {
  const person = newPerson();
  const picture = `data:image/png;base64,${"A".repeat(300_000)}`;
  expect(await told("openid,avatar,nickname", `${openid(person)},"${picture}",Ann`)).toBe("");
  expect(await found(person)).toMatchObject({ nickname: "Ann" });
});

test("half a character is told, in any field", async () => {
  const person = newPerson();
  const fields = ["nickname", "email", "phone", "birthday", "gender", "address", "signature", "createdAt", "isActive"];
  const row = {
    openid: openid(person),
    unionid: "\ud800",
    ...Object.fromEntries(fields.map((field) => [field, "a\ud800@b.cn"])),
  };
  const { errors } = await importFile(fileOf(JSON.stringify(row), "jsonl"));
  for (const field of ["unionid", ...fields])
    expect(errors).toContain(`Line 1 ${field} left out: contains broken characters\n`);
  expect((await found(person)).isNewUser).toBe(false);
});

test("what a column's name holds steers no terminal", async () => {
  const bad = "\u001b[31mred\u0007\u202e\u2066\u009b";
  const { output } = await importRows(`openid,${bad},${"long".repeat(40)}`, [`${openid("steer")},x,y`]);
  expect(output).toContain(`used: \ufffd[31mred${"\ufffd".repeat(4)}, ${"long".repeat(15)}\n`);
  const json = JSON.stringify({ openid: openid("steer2"), [bad]: 1, "\ud800": 2 });
  expect((await importFile(fileOf(json, "jsonl"))).output).toContain(`[31mred${"\ufffd".repeat(4)}, \ufffd\n`);
  const missing = await importRows("openid", [openid("steer3")], "--map", `${bad}=nickname`);
  expect(missing.errors).toBe(`The file has no column \ufffd[31mred${"\ufffd".repeat(4)}, which --map names.\n`);
});

test("JSON lines as MongoDB and WeChat's cloud database write them are read", async () => {
  const people = {
    cloud: { _id: "x", _openid: openid("cloud"), nickName: "Cloud", createTime: { $date: "2023-05-06T07:08:09.123Z" } },
    mongo: {
      _id: { $oid: "507f1f77bcf86cd799439011" },
      openId: openid("mongo"),
      createTime: { $date: { $numberLong: "1683328089123" } },
      mobile: { $numberLong: "13822229001" },
      gender: { $numberInt: "2" },
      birthday: { $date: "1998-02-27T16:00:00Z" },
    },
    old: { openid: openid("old"), createdAt: { $date: 1_683_328_089_123 }, gender: { $numberDouble: "1.0" } },
    wrong: {
      openid: openid("wrong"),
      createdAt: { $timestamp: { t: 1, i: 1 } },
      unionid: { $oid: "507f1f77bcf86cd799439011" },
    },
    nobody: { openid: { $oid: "507f1f77bcf86cd799439011" } },
  };
  const { errors } = await importFile(
    fileOf(
      Object.values(people)
        .map((row) => JSON.stringify(row))
        .join("\n"),
      "jsonl",
    ),
  );
  expect(errors).toBe(
    [
      "Line 4 unionid left out: can't be WeChat's\n",
      `Line 4 ${badTime}\n`,
      "Line 5 skipped: has an openid that can't be WeChat's\n",
    ].join(""),
  );
  expect(await found("cloud")).toMatchObject({ nickname: "Cloud", createdAt: "2023-05-06T07:08:09.123Z" });
  expect(await found("mongo")).toMatchObject({
    createdAt: "2023-05-05T23:08:09.123Z",
    phone: "+8613822229001",
    gender: "FEMALE",
    birthday: "1998-02-28",
  });
  expect(await found("old")).toMatchObject({ createdAt: "2023-05-05T23:08:09.123Z", gender: "MALE" });
});

test("texts of 96 kB are told by their size, whatever the field, and take no time", async () => {
  // Marks of two classes have to be sorted, which takes the square of their number.
  const marks = `a${"\u0301\u0316".repeat(24_000)}`;
  const fields = ["nickname", "email", "phone", "birthday", "gender", "address", "signature", "createdAt", "isActive"];
  const lines = [
    JSON.stringify({
      openid: openid("heavy"),
      unionid: marks,
      ...Object.fromEntries(fields.map((field) => [field, marks])),
    }),
    JSON.stringify({ openid: openid("heavy2"), [marks]: "x" }),
    JSON.stringify({ openid: openid("heavy3"), appId: marks }),
    JSON.stringify({ openid: marks }),
    JSON.stringify({
      openid: openid("heavy4"),
      ...Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => [`k${n}`, 1])),
    }),
  ];
  const file = fileOf(lines.join("\n"), "jsonl");
  const began = process.cpuUsage();
  const { errors } = await importFile(file);
  const used = process.cpuUsage(began);
  for (const field of ["unionid", ...fields]) expect(errors).toContain(`Line 1 ${field} left out: is too long\n`);
  expect(errors).toContain("Line 3 skipped: is for an app that isn't in WECHAT_APPS\n");
  expect(errors).toContain("Line 4 skipped: has an openid that can't be WeChat's\n");
  expect((used.user + used.system) / 1_000).toBeLessThan(1_500);
  for (const person of ["heavy", "heavy2", "heavy4"]) expect((await found(person)).isNewUser).toBe(false);
});

const page = (name: string) => readFileSync(join(import.meta.dirname, "../../../docs", name), "utf8");

test.each(["import-files.md", "import-files.zh-CN.md"])(
  "the columns and words that docs/%s names are known",
  (name) => {
    const columns = [...page(name).matchAll(/^\| `(\w+)` \| (.+?) (?:…+ )?\|$/gm)];
    expect(columns.map(([, field]) => field)).toEqual(importFields.filter((field) => field !== "appId"));
    for (const [, field, names = ""] of columns) {
      for (const column of names.replaceAll("`", "").split(/[,、] ?/)) expect(fieldOfName(column).field).toBe(field);
    }
    const [, words = ""] =
      /^\| (?:words for nothing|表示“没有”的词) \| (.+?)(?: and the like|等)/m.exec(page(name)) ?? [];
    expect(words.split(/[,、] ?/).map((word) => isEmptyWord(word.replaceAll("`", "")))).toEqual(Array(10).fill(true));
  },
);

test("--fill leaves alone what somebody has written while the file was being read", async () => {
  const { user } = await app.client.signedIn("writer");
  const em = app.database.em.fork();
  await em.execute(
    `create trigger meanwhile after insert on identities begin update users set nickname = 'Own', nickname_folded = 'OWN' where id = '${user.id}'; end`,
  );
  await importRows("openid,nickname", [`${openid("writer")},Theirs`, `${openid("newcomer")},New`], "--fill");
  await em.execute("drop trigger meanwhile");
  expect(await found("writer")).toMatchObject({ nickname: "Own" });
  expect(await found("newcomer")).toMatchObject({ nickname: "New", isNewUser: false });
});
