import { existsSync } from "node:fs";
import { codeInCauses } from "../log.js";
import { connectDatabase, type Database, poolOf } from "./database.js";
import { findFault } from "./health.js";
import { stateOfTables, type TablesState, unknownMigrations } from "./migrate.js";
import type { DatabaseConfig, Tables } from "./options.js";
import { giveUpSilentConnections } from "./postgresql-pool.js";

/** How a database is. The code is the driver's, such as `28P01` or `SQLITE_READONLY`. */
export interface Examination {
  /** Undefined where nobody got as far. */
  tables?: TablesState;
  /** The migrations that this program doesn't know. */
  unknown?: string[];
  fault?: "absent" | "unreachable" | "unreadable" | "unwritable";
  code?: string | undefined;
}

/** Looks at a database, be it in use or not, and leaves everything in it as it is. */
export async function examineDatabase(config: DatabaseConfig, tables: Tables): Promise<Examination> {
  if (config.driver === "sqlite" && !existsSync(config.file)) return { fault: "absent" };
  let database: Database | undefined;
  try {
    database = await connectDatabase(config, tables);
    if (config.driver === "postgresql") giveUpSilentConnections(await poolOf(database));
    return await look(database, tables);
  } catch (error) {
    return { fault: "unreachable", code: codeInCauses(error) };
  } finally {
    await database?.close(true);
  }
}

async function look(database: Database, { migrations }: Tables): Promise<Examination> {
  const connection = await database.checkConnection();
  if (!connection.ok) return { fault: "unreachable", code: codeInCauses(connection.error) };
  const tables = await stateOfTables(database, migrations);
  // Older tables may lack what is looked for.
  const finding = tables === "current" ? await findFault(database) : undefined;
  if (tables === "foreign") return { tables, unknown: await unknownMigrations(database, migrations) };
  if (!finding) return { tables };
  return { tables, fault: finding.isReadable ? "unwritable" : "unreadable", code: codeInCauses(finding.error) };
}
