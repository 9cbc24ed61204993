import { parse } from "csv-parse/sync";
import { expect, test } from "vitest";
import { findActs } from "../../../src/admin/find-acts.js";
import { type Act, recordAct, wechat } from "../../../src/audit/record-act.js";
import { admin } from "../../support/admin.js";
import { auditOf } from "../../support/audit.js";
import { driver } from "../../support/database.js";
import { logStatements } from "../../support/statement-log.js";
import { startTestApp } from "../../support/test-app.js";

const app = await startTestApp();
const em = app.database.em.fork();
const env = { DATABASE_URL: app.databaseUrl };
const audit = (...args: string[]) => admin(["audit", ...args], { env });

const ann = "01900000-0000-7000-8000-00000000000a";
const ben = "01900000-0000-7000-8000-00000000000b";

/** Noon in China of a day in January. */
const noonOf = (day: number) => new Date(Date.UTC(2026, 0, day, 4));

interface Given {
  day: number;
  by?: string;
  act: Act;
  userId?: string;
  detail?: string;
}

const given: Given[] = [
  { day: 5, by: "olga", act: "disable", userId: ann, detail: "sessions ended: 1; spam" },
  { day: 6, by: "olga", act: "enable", userId: ann },
  { day: 7, by: "otto", act: "import", detail: '=1+1 "quoted", with\na line' },
  { day: 8, act: "delete", userId: ben, detail: "has left WeChat" },
  { day: 9, by: "otto", act: "disable", userId: ben, detail: "\u001b[2J" },
];
for (const { day, by, ...line } of given) {
  await recordAct(em, noonOf(day), { by: by ? { name: by, origin: "command" } : wechat, ...line });
}

const daysOf = async (...args: string[]) =>
  (await auditOf(app, ...args)).map(({ actedAt }) => new Date(actedAt).getUTCDate());

test.each<[string[], number[]]>([
  [[], [9, 8, 7, 6, 5]],
  [
    ["--user", ann.toUpperCase()],
    [6, 5],
  ],
  [
    ["--actor", "otto"],
    [9, 7],
  ],
  [["--actor", "WeChat"], [8]],
  [["--actor", "o"], []],
  [
    ["--act", "disable"],
    [9, 5],
  ],
  [["--act", "disable", "--actor", "olga", "--user", ann], [5]],
  [
    ["--from", "2026-01-07"],
    [9, 8, 7],
  ],
  [
    ["--to", "2026-01-07"],
    [7, 6, 5],
  ],
  [
    ["--from", "2026-01-06", "--to", "2026-01-08"],
    [8, 7, 6],
  ],
  [["--from", "2026-01-08", "--to", "2026-01-08"], [8]],
  [["--from", "2026-01-09", "--to", "2026-01-08"], []],
])("of the lines %j shows those of these days, the newest first: %j", async (args, days) => {
  expect(await daysOf(...args)).toEqual(days);
});

test("a day is one in China, whole to the millisecond", async () => {
  const own = await startTestApp();
  const midnight = Date.parse("2026-01-08T00:00:00+08:00");
  for (const [index, at] of [midnight - 1, midnight, midnight + 86_399_999, midnight + 86_400_000].entries()) {
    await recordAct(own.database.em.fork(), new Date(at), { by: wechat, act: "delete", detail: String(index) });
  }
  const lines = await auditOf(own, "--from", "2026-01-08", "--to", "2026-01-08");
  expect(lines.map(({ detail }) => detail)).toEqual(["2", "1"]);
});

test("pages follow each other, whatever is written meanwhile", async () => {
  const own = await startTestApp();
  const write = (day: number) =>
    recordAct(own.database.em.fork(), noonOf(day), { by: wechat, act: "delete", detail: String(day) });
  for (const day of [1, 2, 3, 4, 5]) await write(day);
  const pages: string[][] = [];
  for (let next: string | null = ""; next !== null; ) {
    const args: string[] = ["audit", "--json", "--limit", "2", ...(next ? ["--after", next] : [])];
    const { output } = await admin(args, { env: { DATABASE_URL: own.databaseUrl } });
    const page: { acts: { detail: string }[]; next: string | null } = JSON.parse(output);
    pages.push(page.acts.map(({ detail }) => detail));
    next = page.next;
    await write(6);
  }
  expect(pages).toEqual([["5", "4"], ["3", "2"], ["1"]]);
});

test("the table is for people: it says how to go on, and nothing in it steers the terminal", async () => {
  const { output, errors } = await audit("--limit", "2");
  expect(output).toMatch(/^TIME +ACTOR +FROM +ACT +USER +DETAIL\n/);
  expect(output).toMatch(
    new RegExp(`^${noonOf(8).toISOString()} +WeChat +push +delete +${ben} +has left WeChat$`, "m"),
  );
  expect(output).toMatch(/\nThere are more: --after [0-9a-f-]{36}\n$/);
  expect((await audit("--limit", "9999")).output).not.toContain("There are more");
  expect(output.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
  expect(errors).toBe("");
});

test("JSON is for programs", async () => {
  expect(JSON.parse((await audit("--json", "--limit", "1")).output)).toEqual({
    acts: [
      {
        id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
        actedAt: noonOf(9).toISOString(),
        actor: "otto",
        origin: "command",
        address: null,
        act: "disable",
        userId: ben,
        detail: "\u001b[2J",
      },
    ],
    next: expect.any(String),
  });
});

test("CSV is for spreadsheets: whole, quoted, without formulas, and with nothing beside it", async () => {
  const all = await audit("--csv");
  const rows: Record<string, string>[] = parse(all.output, { columns: true });
  expect(rows.map((row) => row["act"])).toEqual(["disable", "delete", "import", "enable", "disable"]);
  expect(rows[2]).toMatchObject({ actor: "otto", userId: "", detail: `'=1+1 "quoted", with\ufffda line` });
  expect(all.errors).toBe("");
  const first = await audit("--csv", "--limit", "1");
  expect(parse(first.output, { columns: true })).toHaveLength(1);
  expect(first.errors).toContain("--after");
});

test.each([
  [["--user", "1"]],
  [["--act", "frobnicate"]],
  [["--from", "yesterday"]],
  [["--from", "2026-02-30"]],
  [["--to", "2026-13-01"]],
  [["--to", "26-1-1"]],
  [["--limit", "0"]],
  [["--after", "x"]],
  [["--json", "--csv"]],
])("wrong usage is 2 and names the option: %j", async (args) => {
  const { code, output, errors } = await audit(...args);
  expect({ code, output }).toEqual({ code: 2, output: "" });
  expect(errors).toContain(args[0]);
});

const manyLines = {
  sqlite: `with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 5000)
    insert into audit_entries (id, acted_at, actor, origin, act, user_id)
    select printf('%08x-0000-7000-8000-000000000000', n), 0, 'WeChat', 'push', 'delete', printf('%08x-0000-7000-8000-000000000000', n) from numbers`,
  postgresql: `insert into audit_entries (id, acted_at, actor, origin, act, user_id)
    select id, now(), 'WeChat', 'push', 'delete', id
    from (select (lpad(to_hex(n), 8, '0') || '-0000-7000-8000-000000000000')::uuid as id from generate_series(1, 5000) as n) as ids`,
};

const explain = { sqlite: "explain query plan", postgresql: "explain" };

test("whatever it looks for goes by an index, and nothing is counted", async () => {
  const own = await startTestApp();
  const on = own.database.em.fork();
  await on.execute(manyLines[driver]);
  await on.execute("analyze");
  const searches = [
    {},
    { user: "00000007-0000-7000-8000-000000000000" },
    { actor: "olga" },
    { act: "backup" },
  ] as const;
  for (const search of searches) {
    const log = await logStatements(own.database);
    await findActs(on, { ...search, limit: 20, after: "00001000-0000-7000-8000-000000000000" });
    log.stop();
    expect(log.texts.filter((text) => /count\(/i.test(text))).toEqual([]);
    const text = log.texts.find((sql) => sql.includes("audit_entries"));
    const plan = JSON.stringify(await on.execute(`${explain[driver]} ${text}`));
    expect(plan).not.toMatch(/\bscan (audit_entries|a0)\b|seq scan|temp b-tree/i);
  }
});
