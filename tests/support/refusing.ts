import type { SqlEntityManager } from "@mikro-orm/sql";
import { driver } from "./database.js";

/** Does something while the database refuses a kind of change, such as `delete on sessions`, as a disk that fails would. */
export async function whileRefused<Result>(
  { database: { em } }: { database: { em: SqlEntityManager } },
  change: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const execute = (text: string) => em.fork().execute(text);
  const table = change.split(" ").at(-1);
  if (driver === "sqlite") {
    await execute(`create trigger refuse before ${change} begin select raise(abort, 'refused'); end`);
  } else {
    await execute(
      "create or replace function refuse() returns trigger language plpgsql as $$ begin raise exception 'refused'; end $$",
    );
    await execute(`create trigger refuse before ${change} for each row execute function refuse()`);
  }
  try {
    return await work();
  } finally {
    await execute(driver === "sqlite" ? "drop trigger refuse" : `drop trigger refuse on ${table}`);
  }
}
