import { expect, test } from "vitest";
import { findUsers } from "../../../src/admin/find-users.js";
import type { Search } from "../../../src/admin/search.js";
import { latestCountQuery, latestQuery, namedQuery, userQuery } from "../../../src/admin/user-query.js";
import type { Composed } from "../../../src/database/statement.js";
import { driver } from "../../support/database.js";
import { logStatements } from "../../support/statement-log.js";
import type { Row } from "../../support/tables.js";
import { startTestApp } from "../../support/test-app.js";

/*
 * Each search is answered from an index, whose rows come in the order of the page: so it reads what it shows and little more,
 * however many people there are.
 */

const app = await startTestApp();
const em = app.database.em.fork();

const columns = "id, nickname, nickname_folded, email, phone, disabled_at, last_sign_in_on, created_at, updated_at";

/** Of 20,000 people each fifth never signed in, each thousandth is disabled, and each tenth has an e-mail address. */
const manyPeople = {
  sqlite: [
    `create temp table numbered as
      with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 20000)
      select n, printf('%08x-0000-7000-8000-00000000%04x', n, n) as id from numbers`,
    `insert into users (${columns})
      select id, 'Ann' || n, 'ANN' || n, case when n % 10 = 0 then 'Ann' || n || '@example.com' end, '+86' || (13800000000 + n),
        case when n % 1000 = 0 then 0 end, case when n % 5 > 0 then '2026-01-0' || (n % 5) end, 0, 0 from numbered`,
    `insert into identities (app_id, openid, user_id, created_at)
      select case when n % 4000 = 0 then 'rare' else 'common' end, printf('o%027d', n), id, 0 from numbered`,
    "insert into unionids (unionid, user_id) select printf('u%027d', n), id from numbered",
  ],
  postgresql: [
    `create temp table numbered as
      select n, (lpad(to_hex(n), 8, '0') || '-0000-7000-8000-00000000' || lpad(to_hex(n), 4, '0'))::uuid as id
      from generate_series(1, 20000) as n`,
    `insert into users (${columns})
      select id, 'Ann' || n, 'ANN' || n, case when n % 10 = 0 then 'Ann' || n || '@example.com' end, '+86' || (13800000000 + n),
        case when n % 1000 = 0 then now() end,
        case when n % 5 > 0 then ('2026-01-0' || (n % 5))::date end, now(), now() from numbered`,
    `insert into identities (app_id, openid, user_id, created_at)
      select case when n % 4000 = 0 then 'rare' else 'common' end, 'o' || lpad(n::text, 27, '0'), id, now() from numbered`,
    "insert into unionids (unionid, user_id) select 'u' || lpad(n::text, 27, '0'), id from numbered",
  ],
};

await em.transactional(async (transaction) => {
  for (const text of manyPeople[driver]) await transaction.execute(text);
});
await em.execute("analyze");

async function explain(prefix: string, { text, values }: Composed): Promise<Row[]> {
  return em.execute(`${prefix} ${text}`, [...values]);
}

const planOf = async (query: Composed) =>
  JSON.stringify(await explain({ sqlite: "explain query plan", postgresql: "explain" }[driver], query));

/** What makes SQLite read all rows of a table, and what has it put rows in order before it shows the first. */
const readsAll = /\bSCAN (?!latest|\w+ USING)/;
const sorts = /TEMP B-TREE/;

/** The rows that PostgreSQL has read at each step of a plan. */
function rowsRead(plan: unknown): number {
  if (typeof plan !== "object" || plan === null) return 0;
  const own = ["Actual Rows", "Rows Removed by Filter"].map((name) => Number(Reflect.get(plan, name) ?? 0));
  const loops = Number(Reflect.get(plan, "Actual Loops") ?? 1);
  const below = Object.values(plan).map(rowsRead);
  return own.reduce((sum, rows) => sum + rows * loops, 0) + below.reduce((sum, rows) => sum + rows, 0);
}

/** Sees to it that a query reads about so many rows, and not all of them. */
async function expectFewRows(query: Composed, most: number): Promise<void> {
  if (driver === "sqlite") {
    expect(JSON.stringify(await explain("explain query plan", query))).not.toMatch(readsAll);
  } else {
    const [plan] = await explain("explain (analyze, format json)", query);
    expect(rowsRead(plan), JSON.stringify(plan)).toBeLessThan(most);
  }
}

const after = "00004000-0000-7000-8000-000000000000";
const dayLong = "2026-01-03";

const searches: Partial<Search>[] = [
  {},
  { id: after },
  { phone: "+8613800000007" },
  { email: "ANN10@example.com" },
  { openid: `o${"7".padStart(27, "0")}` },
  { unionid: `u${"7".padStart(27, "0")}` },
  { disabled: true },
  { disabled: false },
  { appId: "rare" },
  { appId: "common" },
  { appId: "common", disabled: false },
  { appId: "common", signedUpOn: "1970-01-01" },
  { signedUpOn: "1970-01-01" },
  { lastSignInOn: dayLong },
  { lastSignInOn: null },
];

const limit = 20;
const pages = [{}, { after }];

test.each(searches)("%j reads what it shows and little more, on the first page and on later ones", async (search) => {
  for (const page of pages) {
    const query = userQuery({ limit, ...search, ...page });
    await expectFewRows(query, 500);
    if (driver === "sqlite") expect(await planOf(query)).not.toMatch(sorts);
  }
});

test.each(searches)(
  "%j with a nickname looks at the newest of them, and no further if that fills the page",
  async (search) => {
    for (const page of pages) {
      const wanted = { limit, ...search, ...page, nickname: "ann" };
      await expectFewRows(latestQuery(wanted), 15_000);
      await expectFewRows(latestCountQuery(wanted), 15_000);
    }
  },
);

/** How many queries a search takes. */
async function queriesOf(search: Partial<Search>): Promise<number> {
  const log = await logStatements(app.database);
  await findUsers(em, { limit, ...search });
  log.stop();
  return log.texts.length;
}

test("one query is enough for a nickname that very many have, and two where the newest are all there are", async () => {
  expect(await queriesOf({ nickname: "ann" })).toBe(1);
  expect(await queriesOf({ nickname: "ann", after })).toBe(1);
  expect(await queriesOf({ nickname: "bob", disabled: true })).toBe(2);
  expect(await queriesOf({ nickname: "bob", appId: "rare" })).toBe(2);
  expect(await queriesOf({ nickname: "bob" })).toBe(3);
});

test("the end of an id goes by an index of the last four digits, of which few people share any", async () => {
  expect(await planOf(userQuery({ limit, idEnd: "0007" }))).toContain("users_id_end_index");
});

test("a nickname that few have goes by the index of names", async () => {
  for (const more of [{}, { after }, { disabled: false, appId: "common" }]) {
    const plan = await planOf(namedQuery({ limit, nickname: "ann123", ...more }));
    expect(plan).toContain("users_nickname_folded_index");
  }
});

const everybody = Array.from({ length: 20_000 }, (_, index) => index + 1).toReversed();

const filters: [Partial<Search>, (n: number) => boolean][] = [
  [{}, () => true],
  [{ appId: "rare" }, (n) => n % 4_000 === 0],
  [{ lastSignInOn: "2026-01-03" }, (n) => n % 5 === 3],
  [{ lastSignInOn: null, appId: "common", disabled: false }, (n) => n % 5 === 0 && n % 1_000 > 0],
];

test.each(filters)(
  "with %j, the pages of a nickname have everybody who has it, the newest first",
  async (filter, isWanted) => {
    for (const beginning of ["1", "777", "00"]) {
      const expected = everybody.filter((n) => isWanted(n) && String(n).startsWith(beginning)).map((n) => `Ann${n}`);
      const found: (string | null)[] = [];
      for (let next: string | null = ""; next !== null; ) {
        const search = { ...filter, nickname: `ann${beginning}`, limit: 400 };
        const page = await findUsers(em, { ...search, ...(next && { after: next }) });
        found.push(...page.users.map(({ nickname }) => nickname));
        next = page.next;
      }
      expect(found).toEqual(expected);
    }
  },
);
