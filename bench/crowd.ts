import { createHash } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { v7 as uuidv7 } from "uuid";
import type { Bench } from "./bench.ts";
import { type Postgres, runOnPostgres } from "./postgres.ts";
import type { Place } from "./programs.ts";

/** A database with many people in it, and where wxpass finds it. */
export interface Crowd {
  name: string;
  count: number;
  at: Partial<Place>;
  /** By which 1,000 of them sign in, from the first to the last. */
  codes: string[];
}

const crowds = new Map<string, Promise<Crowd>>();

/** A database with so many people, each signed in once, on SQLite without a PostgreSQL: the same for all figures. */
export function makeCrowd(bench: Bench, count: number, postgres?: Postgres): Promise<Crowd> {
  const name = `${postgres ? "postgresql" : "sqlite"}-${count}`;
  const crowd = crowds.get(name) ?? fillCrowd(bench, count, postgres);
  crowds.set(name, crowd);
  return crowd;
}

/** Has wxpass make its tables, and fills them. */
async function fillCrowd(bench: Bench, count: number, postgres: Postgres | undefined): Promise<Crowd> {
  const databaseUrl = await postgres?.createDatabase();
  const at = { folder: join(bench.folder, `crowd-${postgres ? "postgresql" : "sqlite"}-${count}`), databaseUrl };
  await (await bench.start(bench.wxpass, at)).stop();
  if (databaseUrl) await fillPostgres(databaseUrl, count);
  else fillSqlite(join(at.folder, "data/wxpass.db"), count);
  const codes = Array.from({ length: 1_000 }, (_, index) => `person${Math.floor((index * count) / 1_000)}`);
  return { count, name: `${count.toLocaleString("en")} people, ${postgres ? "PostgreSQL" : "SQLite"}`, at, codes };
}

/** As the fake WeChat has it. */
const openidOf = (code: string) => `o${createHash("sha256").update(code).digest("base64url").slice(0, 27)}`;

const lifeMs = 30 * 86_400_000;

/** Every second person has the name that WeChat gives to all, and of the first quarter every other one an old name. */
export const commonName = "微信用户";
export const oldName = "older";

const dayMs = 86_400_000;

/** What the operator finds people by. */
function personOf(index: number, count: number, now: number) {
  const own = index < count / 4 ? `${oldName} ${index}` : `person ${index}`;
  const nickname = index % 2 === 0 ? commonName : own;
  return {
    nickname,
    folded: nickname.toUpperCase(),
    email: index % 10 === 0 ? `Person${index}@example.com` : null,
    phone: index % 3 === 0 ? `+86${13_800_000_000 + index}` : null,
    disabledAt: index % 1_000 === 0 ? now : null,
    lastSignInOn: new Date(now - (index % 30) * dayMs).toISOString().slice(0, 10),
  };
}

const userColumns = "id, created_at, updated_at, nickname, nickname_folded, email, phone, disabled_at, last_sign_in_on";

function fillSqlite(file: string, count: number): void {
  const database = new DatabaseSync(file);
  database.exec("pragma synchronous = off; begin");
  const user = database.prepare(`insert into users (${userColumns}) values (?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const identity = database.prepare("insert into identities (app_id, openid, user_id, created_at) values (?, ?, ?, ?)");
  const session = database.prepare(`insert into sessions
    (id, user_id, app_id, generation, key_id, access_key_id, created_at, last_used_at, expires_at)
    values (?, ?, ?, 0, 'bench', 'bench', ?, ?, ?)`);
  const now = Date.now();
  for (let index = 0; index < count; index++) {
    const id = uuidv7({ msecs: now - count + index });
    user.run(id, now, now, ...Object.values(personOf(index, count, now)));
    identity.run("wxbench", openidOf(`person${index}`), id, now);
    if (index % 500 === 0) identity.run("wxsecond", openidOf(`second${index}`), id, now);
    session.run(uuidv7(), id, "wxbench", now, now, now + lifeMs);
  }
  database.exec("commit");
  database.close();
}

async function fillPostgres(url: string, count: number): Promise<void> {
  const own = `case when n < ${count / 4} then '${oldName} ' || n else 'person ' || n end`;
  const openid = (name: string) =>
    `'o' || left(translate(encode(sha256(('${name}' || n)::bytea), 'base64'), '+/', '-_'), 27)`;
  await runOnPostgres(
    url,
    // Without looking up the key of every row, which is known to be there.
    `set session_replication_role = replica;
    create temp table people as
      select uuidv7() as id, n, case when n % 2 = 0 then '${commonName}' else ${own} end as nickname
      from generate_series(0, ${count - 1}) as n;
    insert into users (${userColumns})
      select id, now(), now(), nickname, upper(nickname), case when n % 10 = 0 then 'Person' || n || '@example.com' end,
        case when n % 3 = 0 then '+86' || (13800000000 + n) end, case when n % 1000 = 0 then now() end,
        current_date - n % 30 from people;
    insert into identities (app_id, openid, user_id, created_at)
      select 'wxbench', ${openid("person")}, id, now() from people
      union all select 'wxsecond', ${openid("second")}, id, now() from people where n % 500 = 0;
    insert into sessions (id, user_id, app_id, generation, key_id, access_key_id, created_at, last_used_at, expires_at)
      select uuidv7(), id, 'wxbench', 0, 'bench', 'bench', now(), now(), now() + interval '30 days' from people;`,
  );
  await runOnPostgres(url, "vacuum analyze");
}
