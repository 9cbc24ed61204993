import { v7 as uuidv7 } from "uuid";
import { expect, test } from "vitest";
import { recordAct } from "../../src/audit/record-act.js";
import { auditOf } from "../support/audit.js";
import { driver } from "../support/database.js";
import { sweep } from "../support/sweep.js";
import { startTestApp, type TestApp } from "../support/test-app.js";

const dayMs = 86_400_000;
const by = { name: "olga", origin: "command" } as const;

/** Writes lines that are so many days old, in this order. */
async function write(app: TestApp, ...ages: number[]): Promise<void> {
  for (const age of ages) {
    const then = new Date(app.now().getTime() - age * dayMs);
    await recordAct(app.database.em.fork(), then, { by, act: "backup", detail: `${age} days` });
  }
}

const agesIn = async (app: TestApp) => (await auditOf(app)).map(({ detail }) => Number.parseInt(detail ?? "", 10));

const app = await startTestApp();
await write(app, 2, 3, 1);
const [newest, middle, oldest] = await auditOf(app);

const ways: [string, string][] = [
  ["a line changed", `update audit_entries set detail = 'nothing' where id = '${middle?.id}'`],
  ["all lines changed", "update audit_entries set actor = 'nobody'"],
  ["a line taken out of the middle", `delete from audit_entries where id = '${middle?.id}'`],
  ["the newest line taken away", `delete from audit_entries where id = '${newest?.id}'`],
  ["all lines but the oldest taken away", `delete from audit_entries where id > '${oldest?.id}'`],
  ...(driver === "sqlite"
    ? ["replace", "insert or replace"].map((how): [string, string] => [
        `a line replaced by ${how}`,
        `${how} into audit_entries select id, acted_at, 'nobody', origin, address, act, user_id, detail from audit_entries`,
      ])
    : [
        ["the table emptied", "truncate audit_entries"] satisfies [string, string],
        [
          "a line replaced",
          `insert into audit_entries select * from audit_entries on conflict (id) do update set actor = 'nobody'`,
        ] satisfies [string, string],
      ]),
];

test.each(ways)("the database refuses to have %s", async (_, statement) => {
  const before = await auditOf(app);
  await expect(app.database.em.fork().execute(statement)).rejects.toThrow("the audit log is only ever added to");
  expect(await auditOf(app)).toEqual(before);
});

test("the oldest line may go, and then the next", async () => {
  const own = await startTestApp();
  await write(own, 2, 1, 3);
  for (const left of [[1, 2], [1], []]) {
    const first = (await auditOf(own)).at(-1)?.id;
    await own.database.em.fork().execute(`delete from audit_entries where id = '${first}'`);
    expect(await agesIn(own)).toEqual(left);
  }
});

test("lines are kept for 400 days, and then the sweep clears them away, in whatever order they were written", async () => {
  const own = await startTestApp();
  await write(own, 0, 399, 450, 401, 398, 20_000, 402);
  await sweep(own);
  expect(await agesIn(own)).toEqual([0, 398, 399]);
  await sweep(own, 1.5 * dayMs);
  expect(await agesIn(own)).toEqual([0, 398]);
});

test("many old lines are swept in batches, until none is left", async () => {
  const own = await startTestApp({ env: { AUDIT_RETENTION: "12h" } });
  const then = own.now().getTime() - dayMs;
  const ids = Array.from({ length: 1_100 }, (_, index) => uuidv7({ msecs: then - (index % 7) * 1_000 }));
  const at = driver === "sqlite" ? "0" : "now()";
  const rows = ids.map((id) => `('${id}', ${at}, 'WeChat', 'push', 'delete')`);
  const em = own.database.em.fork();
  await em.execute(`insert into audit_entries (id, acted_at, actor, origin, act) values ${rows.join(", ")}`);
  await write(own, 0);
  own.advance(61_000);
  await expect
    .poll(async () => {
      await own.client.me();
      return agesIn(own);
    })
    .toEqual([0]);
  expect(own.logged.filter(({ msg }) => msg === "clearing away failed")).toEqual([]);
});

test("a retention that reaches back before 1970 keeps everything", async () => {
  const own = await startTestApp({ env: { AUDIT_RETENTION: "999999d" } });
  await write(own, 0, 20_000);
  await sweep(own);
  expect(await agesIn(own)).toEqual([0, 20_000]);
});
