import { expect, test } from "vitest";
import { displayWidth, wrap } from "../../../src/admin/cli/display-width.js";
import { admin } from "../../support/admin.js";
import { firstApp } from "../../support/client.js";
import { createImport } from "../../support/import.js";
import { startTestApp } from "../../support/test-app.js";

const app = await startTestApp();
const env = { DATABASE_URL: app.databaseUrl };
const chinese = { ...env, LANG: "zh_CN.UTF-8" };
const inChinese = (args: string[], typed?: string) =>
  admin(args, { env: chinese, ...(typed !== undefined && { typed }) });

const helpOf = async (...args: string[]) => (await admin([...args, "--help"], { env: chinese })).output;

/** The commands, by the program's own list. */
const commands = [...(await helpOf()).matchAll(/^ {2}([a-z-]+)\b(?= [^,])/gm)].map(([, name = ""]) => name);

/**
 * What is the same in every language: options and what is typed with them, choices, names of settings, files, fields and programs.
 */
const sameEverywhere = [
  /^ {2}(?:-\w, )?[a-z-]+(?: <id>)?(?= )/gm,
  /--?[a-z][a-z-]*(?: [a-z]+=?)?/g,
  /<[\w=]+>/g,
  /"[^"]*"/g,
  /\b(?:npm run|npx wxpass|wxpass) [a-z]+|\badmin [a-z-]+|\bdumpdata\b/g,
  /\b[A-Z][A-Z_]+(?:=\w+)?\b/g,
  /[\w/-]*\.[a-z]{2,4}\b/g,
  /\b\w+_\w+\b|\b[a-z]+[A-Z]\w*\b/g,
  /\b(?:openid|unionid|wxpass|SQLite|PostgreSQL|WeChat|Django|AppID|nickname|email|phone|birthday|gender|address|signature|sex|mobile|never|admin|help|true|false)\b/g,
];

const withoutSame = (text: string) => sameEverywhere.reduce((rest, same) => rest.replace(same, " "), text);

test.each([[""], ...commands.map((name) => [name])])(
  "the help of admin %s has no English left in Chinese",
  async (name) => {
    const help = await helpOf(...(name === "" ? [] : [name]));
    expect(help).toMatch(/^用法：/);
    expect(withoutSame(help).match(/[a-z]{3,}/gi) ?? []).toEqual([]);
  },
);

test("every command has its help", () => {
  expect(commands).toEqual(
    expect.arrayContaining(["users", "user", "import", "audit", "backup", "login-link", "help"]),
  );
  expect(commands.length).toBeGreaterThanOrEqual(16);
});

test.each([
  [{ LANG: "zh_CN.UTF-8" }, "用法"],
  [{ LANG: "zh_TW.UTF-8" }, "用法"],
  [{ LANG: "zh" }, "用法"],
  [{ LANG: "en_US.UTF-8", LC_MESSAGES: "zh_CN.UTF-8" }, "用法"],
  [{ LANG: "en_US.UTF-8", LC_ALL: "zh_CN" }, "用法"],
  [{ LANG: "zh_CN.UTF-8", LC_ALL: "C" }, "Usage"],
  [{ LANG: "zh_CN.UTF-8", LC_ALL: "" }, "用法"],
  [{ LANG: "de_DE.UTF-8" }, "Usage"],
  [{ LANG: "C.UTF-8" }, "Usage"],
  [{}, "Usage"],
])("of the locale %j comes the language of %s", async (locale, usage) => {
  expect((await admin(["--help"], { env: locale })).output).toMatch(new RegExp(`^${usage}`));
});

test.each([
  ["users --limt 3", "错误：没有选项 --limt\n（是不是 --limit？）\n"],
  ["users --limit x", "错误：选项 --limit <数量> 的值 x 无效。应为 1 到 9999 的整数。\n"],
  ["users --limit", "错误：选项 --limit <数量> 后面缺少值\n"],
  ["users --id abc", "错误：选项 --id <id> 的值 abc 无效。请给出完整的 ID，或者它的末 4 位以上（0–9、a–f）。\n"],
  ["users --phone 12", "错误：选项 --phone <手机号> 的值 12 无效。请写成 13800138000，或者完整的 +85261234567。\n"],
  ["users a b", "错误：参数太多，最多 1 个，给了 2 个\n"],
  ["users ann --nickname ann", "错误：文本和 --nickname 只能用一个\n"],
  ["user", "错误：缺少参数 id\n"],
  ["user 12", "错误：参数 id 的值 12 无效。请给出完整的 ID，或者它的末 4 位以上（0–9、a–f）。\n"],
  ["usr", "错误：没有命令 usr\n（是不是 user？）\n"],
  ["audit --json --csv", "错误：选项 --json 和 --csv 不能同时使用\n"],
  ["audit --from 2026-02-30", "错误：选项 --from <日期> 的值 2026-02-30 无效。请写成真实的日期，如 2026-01-31。\n"],
  ["import x.csv --offset 8", "错误：选项 --offset <时差> 的值 8 无效。请写成 +08:00 的样子。\n"],
  ["import x", "错误：从文件名看不出格式，请加上 --format csv 或 --format jsonl\n"],
  [
    "login-link +++",
    "错误：参数 名字 的值 +++ 无效。名字最多 40 个字符，可以用文字、数字、点、横线和下划线，不能是手机号。\n",
  ],
  [
    "delete 01900000-0000-7000-8000-000000000000 --reason +8613800138000",
    "错误：选项 --reason <原因> 的值 +8613800138000 无效。请不要写手机号、邮箱或微信的 ID：用户注销后审计日志仍会保留。\n",
  ],
])("wrong usage is told in Chinese: %s", async (words, errors) => {
  expect(await inChinese(words.split(" "))).toEqual({ code: 2, output: "", errors });
});

test("a choice that isn't one is told with those there are", async () => {
  const { errors } = await inChinese(["audit", "--act", "x"]);
  expect(errors).toMatch(/^错误：选项 --act <操作> 的值 x 无效。可选：disable, .*, sign-in。\n$/);
});

test("questions, results and failures are in Chinese", async () => {
  const { user } = await app.client.signedIn("alice");
  const nobody = "01900000-0000-7000-8000-000000000000";
  expect((await inChinese(["user", nobody])).errors).toBe(`没有 ID 为 ${nobody} 的用户。\n`);
  expect((await inChinese(["user", "0000ffff0000"])).errors).toBe("没有用户的 ID 以 0000ffff0000 结尾。\n");
  expect((await inChinese(["disable", user.id])).output).toBe(`已停用：${user.id}。结束会话 1 个。\n`);
  expect((await inChinese(["enable", user.id])).output).toBe(`已恢复：${user.id}。\n`);
  const refused = await inChinese(["delete", user.id], "n\n");
  expect(refused.output).toMatch(/^彻底删除 没有昵称的用户（.*，注册于 .*）？ \[y\/N\] $/);
  expect(refused.errors).toBe("什么都没有删除。\n");
  expect((await inChinese(["delete", user.id], "是\n")).output).toContain(`已删除：${user.id}。\n`);
  expect((await admin(["users"], { env: { LANG: "zh", DATABASE_URL: "sqlite:/nowhere/x.db" } })).errors).toMatch(
    /^\/nowhere\/x\.db 处没有数据库。/,
  );
});

test("tables have their heads in Chinese, and columns that are aligned", async () => {
  const { user } = await app.client.signedIn("bob");
  const { output } = await inChinese(["users", "--id", user.id]);
  const [head = "", row = ""] = output.split("\n");
  expect(head).toMatch(/^ID +注册时间 +最近登录 +小程序 +手机号 +状态 +昵称$/);
  expect(displayWidth(head.slice(0, head.indexOf("状态")))).toBe(displayWidth(row.slice(0, row.indexOf("正常"))));
  expect((await inChinese(["user", user.id])).output).toMatch(/^字段 +值\n/);
  expect((await inChinese(["audit"])).output).toMatch(/^时间 +操作人 +来源 +操作 +用户 +说明\n/);
});

test("an import reports in Chinese, with the keys of its file as they are", async () => {
  const { fileOf, newPath } = createImport(app);
  const [file, problems] = [
    fileOf("openid,nickname,sex,extra,sex\noLiNaOfTheOtherServer0000001,x\u0007y,9,1,1\n,,,,\n,李,,,\n"),
    newPath("csv"),
  ];
  const { code, output, errors } = await inChinese(["import", file, "--app-id", firstApp, "--skipped", problems]);
  expect(code).toBe(0);
  expect(errors).toBe(
    "第 2 行 gender 未导入：应为 1、2、M、F、male、female、男、女，未知写 0\n第 2 行 nickname 未导入：含有不支持的字符\n第 4 行 跳过：没有 openid\n",
  );
  expect(output).toMatch(/^行数 +结果\n1 +导入\n0 +已经存在\n1 +跳过\n\n行数 +问题\n/);
  expect(output).toContain("没有用到的列：extra, sex（重复）\n");
});

test("Chinese is wrapped after any character, and no line begins with its punctuation", () => {
  expect(wrap("备份 SQLite 数据库，服务不用停", 12)).toBe("备份 SQLite\n数据库，服务\n不用停");
  expect(wrap("a bb ccc", 4)).toBe("a bb\nccc");
  expect(wrap("一\n二三四", 4)).toBe("一\n二三\n四");
});
