import { expect, test } from "vitest";
import { findUsers } from "../../../src/admin/find-users.js";
import { driver } from "../../support/database.js";
import { logStatements } from "../../support/statement-log.js";
import { startTestApp } from "../../support/test-app.js";

const app = await startTestApp();
const em = app.database.em.fork();

const manyUsers = {
  sqlite: `with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 5000)
    insert into users (id, nickname, nickname_folded, created_at, updated_at)
    select printf('%08x-0000-7000-8000-000000000000', n), 'Ann' || n, 'ANN' || n, 0, 0 from numbers`,
  postgresql: `insert into users (id, nickname, nickname_folded, created_at, updated_at)
    select (lpad(to_hex(n), 8, '0') || '-0000-7000-8000-000000000000')::uuid, 'Ann' || n, 'ANN' || n, now(), now()
    from generate_series(1, 5000) as n`,
};

const explain = { sqlite: "explain query plan", postgresql: "explain" };

/** How the database does what a search asks of it. */
async function planOf(search: { nickname: string; after?: string }): Promise<string> {
  const log = await logStatements(app.database);
  const { users } = await findUsers(em, { ...search, limit: 20 });
  log.stop();
  expect(users.length).toBeGreaterThan(0);
  const text = log.texts.find((sql) => sql.includes("nickname_folded"));
  return JSON.stringify(await em.execute(`${explain[driver]} ${text}`));
}

test("a search by nickname goes by the index and not through all users, on the first page and on later ones", async () => {
  await em.execute(manyUsers[driver]);
  await em.execute("analyze");
  for (const search of [
    { nickname: "ann123" },
    { nickname: "ann123", after: "00001000-0000-7000-8000-000000000000" },
  ]) {
    const plan = await planOf(search);
    expect(plan).toContain("users_nickname_folded_index");
    expect(plan).not.toMatch(/\bscan (users|u0)\b|seq scan/i);
  }
});
