import { Accounts as PostgresqlAccounts } from "./postgresql/2026-11-22-accounts.js";
import { Accounts as SqliteAccounts } from "./sqlite/2026-11-22-accounts.js";

/** Every change of the tables in order, written for both drivers. The names are kept in the database: never rename one. */
export const migrations = {
  sqlite: [{ name: "2026-11-22-accounts", class: SqliteAccounts }],
  postgresql: [{ name: "2026-11-22-accounts", class: PostgresqlAccounts }],
};
