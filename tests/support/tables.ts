import { SqlitePlatform } from "@mikro-orm/sql";
import type { Database } from "../../src/database/database.js";

/** A row of any table, as the driver gives it. */
export type Row = Record<string, unknown>;

const tableNames = {
  sqlite: "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'",
  postgresql: `
    select table_name as name from information_schema.tables
    where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'`,
};

/** All rows of all tables that the database really has, whether the code knows them or not. */
export async function allTables({ em }: Database): Promise<Map<string, Row[]>> {
  const connection = em.fork().getConnection();
  const kind = em.getPlatform() instanceof SqlitePlatform ? "sqlite" : "postgresql";
  const names = await connection.execute<{ name: string }[]>(tableNames[kind]);
  const tables = new Map<string, Row[]>();
  for (const { name } of names) tables.set(name, await connection.execute<Row[]>(`select * from "${name}"`));
  return tables;
}

/** Every place, as table and column, where one of these texts stands. */
export async function placesOf(database: Database, ...texts: string[]): Promise<string[]> {
  const places = new Set<string>();
  for (const [table, rows] of await allTables(database)) {
    for (const row of rows) {
      for (const [column, value] of Object.entries(row)) {
        const found = texts.some((text) => String(value).includes(text));
        if (found) places.add(`${table}.${column}`);
      }
    }
  }
  return [...places].sort();
}
