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

/** Has wxpass make its tables, and fills them with so many people, each signed in once. On SQLite without a PostgreSQL. */
export async function makeCrowd(bench: Bench, count: number, postgres?: Postgres): Promise<Crowd> {
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

function fillSqlite(file: string, count: number): void {
  const database = new DatabaseSync(file);
  database.exec("pragma synchronous = off; begin");
  const columns = searchColumnsOf(database.prepare("select name from pragma_table_info('users')").all());
  const names = ["id", "created_at", "updated_at", "nickname", ...columns];
  const user = database.prepare(`insert into users (${names}) values (${names.map(() => "?")})`);
  const identity = database.prepare("insert into identities (app_id, openid, user_id, created_at) values (?, ?, ?, ?)");
  const session = database.prepare(`insert into sessions
    (id, user_id, app_id, generation, key_id, created_at, last_used_at, expires_at) values (?, ?, ?, 0, 'bench', ?, ?, ?)`);
  const now = Date.now();
  for (let index = 0; index < count; index++) {
    const id = uuidv7({ msecs: now - count + index });
    user.run(id, now, now, `person ${index}`, ...columns.map(() => `person ${index}`));
    identity.run("wxbench", openidOf(`person${index}`), id, now);
    session.run(uuidv7(), id, "wxbench", now, now, now + lifeMs);
  }
  database.exec("commit");
  database.close();
}

async function fillPostgres(url: string, count: number): Promise<void> {
  const found = await runOnPostgres(
    url,
    "select column_name as name from information_schema.columns where table_name = 'users'",
  );
  const columns = searchColumnsOf(found.rows);
  const names = ["id", "created_at", "updated_at", "nickname", ...columns];
  await runOnPostgres(
    url,
    // Without looking up the key of every row, which is known to be there.
    `set session_replication_role = replica;
    create temp table people as
      select uuidv7() as id, n, 'person ' || n as nickname from generate_series(0, ${count - 1}) as n;
    insert into users (${names}) select id, now(), now(), nickname ${columns.map(() => ", nickname").join("")} from people;
    insert into identities (app_id, openid, user_id, created_at)
      select 'wxbench', 'o' || left(translate(encode(sha256(('person' || n)::bytea), 'base64'), '+/', '-_'), 27), id, now()
      from people;
    insert into sessions (id, user_id, app_id, generation, key_id, created_at, last_used_at, expires_at)
      select uuidv7(), id, 'wxbench', 0, 'bench', now(), now(), now() + interval '30 days' from people;`,
  );
  await runOnPostgres(url, "analyze");
}

/** Where a version of wxpass keeps nicknames a second time, in small letters, to find people by. */
const searchColumnsOf = (columns: readonly Record<string, unknown>[]) =>
  columns.map(({ name }) => String(name)).filter((name) => name.startsWith("nickname_"));
