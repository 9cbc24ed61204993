import { existsSync } from "node:fs";
import { connectDatabase, type Database } from "../../database/database.js";
import { unknownMigrations } from "../../database/migrate.js";
import type { DatabaseConfig, Tables } from "../../database/options.js";
import { tablesWith } from "../../entities.js";
import { loadDataConfig } from "../../settings/config.js";
import type { FileStore } from "../../storage/file-store.js";
import { openFileStore } from "../../storage/open-store.js";
import type { ActContext } from "../act-context.js";
import { AdminError } from "../admin-error.js";
import { actorAt } from "./actor.js";
import type { Terminal } from "./terminal.js";

/** What the commands work on, and who gives them. */
export interface Data extends ActContext {
  driver: DatabaseConfig["driver"];
  /** Opens the store of the avatars. */
  openAvatars(): Promise<FileStore>;
  /** For what runs the hooks of an own back end: throws if the tables are another program's, whose hooks wouldn't run. */
  refuseForeign(): Promise<void>;
}

/** Lets a command work on the data that the settings name, as they are: a command neither makes nor changes tables. */
export async function withData({ env, now, fetch, own }: Terminal, work: (data: Data) => Promise<void>): Promise<void> {
  const { database: config, storage, publicUrl } = loadDataConfig(env);
  if (config.driver === "sqlite" && !existsSync(config.file)) {
    throw new AdminError({
      zh: `${config.file} 处没有数据库。DATABASE_URL 对吗？这里是服务器的目录吗？`,
      en: `There is no database at ${config.file}. Is DATABASE_URL right, and is this the server's folder?`,
    });
  }
  const tables = tablesWith(own);
  const database = await connectDatabase(config, tables);
  try {
    tables.adopt(database);
    const openAvatars = () => openFileStore(storage, { publicUrl, fetch, now });
    const refuseForeign = () => refuseForeignTables(database, tables);
    const shared = { now, by: actorAt(env), driver: config.driver };
    await work({ ...shared, em: database.em.fork(), openAvatars, refuseForeign });
  } finally {
    await database.close(true);
  }
}

async function refuseForeignTables(database: Database, { migrations }: Tables): Promise<void> {
  const names = (await unknownMigrations(database, migrations)).join(", ");
  if (names === "") return;
  throw new AdminError({
    zh: `数据表由您自己的后端程序或更新的版本改过（迁移 ${names}）。请用那个程序执行，例如 node build/main.js admin …，以便执行它的钩子。`,
    en: `The tables were made by an own back end, or by a newer version (migrations ${names}). Use that one, such as by node build/main.js admin …, so that its hooks run.`,
  });
}
