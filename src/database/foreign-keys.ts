import { type EntityProperty, ReferenceKind, type SqlMikroORM } from "@mikro-orm/sql";
import { isSqlite } from "./statement.js";

/** The foreign keys that do something when what they refer to is deleted: `cascade` or `set null`. */
const foreignKeys = {
  sqlite: `select m.name as "table", f."from" as "column", lower(f.on_delete) as rule
    from sqlite_master m, pragma_foreign_key_list(m.name) f where m.type = 'table'`,
  postgresql: `select c.relname as "table", a.attname as "column", case f.confdeltype when 'c' then 'cascade' else 'set null' end as rule
    from pg_constraint f join pg_class c on c.oid = f.conrelid
    join pg_attribute a on a.attrelid = f.conrelid and a.attnum = any (f.conkey)
    where f.contype = 'f' and f.confdeltype in ('c', 'n') and pg_table_is_visible(c.oid)`,
};

interface ForeignKey {
  table: string;
  column: string;
  rule: string;
}

/**
 * Compares the tables with what the entities say of deleting, which the database does: without the foreign key rows stay behind.
 * @throws Error that names what is missing
 */
export async function refuseMissingForeignKeys({ em }: SqlMikroORM): Promise<void> {
  const query = foreignKeys[isSqlite(em) ? "sqlite" : "postgresql"];
  const found = await em.getConnection().execute<ForeignKey[]>(query);
  const there = new Set(found.map(({ table, column, rule }) => `${table}.${column} ${rule}`));
  const faults = [...em.getMetadata().getAll().values()].flatMap((meta) =>
    meta.props.filter(isReference).flatMap(({ fieldNames: [column], deleteRule }) => {
      const key = `${meta.tableName}.${column}`;
      const isThere = there.has(`${key} ${deleteRule}`) || there.has(`${key} cascade`);
      return isThere ? [] : [`${key} needs a foreign key with on delete ${deleteRule}, as its entity says`];
    }),
  );
  if (faults.length > 0) throw new Error(`migrations: ${faults.join("; ")}`);
}

/** Whether a property holds the key of another entity. */
export const holdsKey = ({ kind, owner }: EntityProperty): boolean =>
  kind === ReferenceKind.MANY_TO_ONE || (kind === ReferenceKind.ONE_TO_ONE && owner);

const isReference = (prop: EntityProperty) =>
  holdsKey(prop) && (prop.deleteRule === "cascade" || prop.deleteRule === "set null");
