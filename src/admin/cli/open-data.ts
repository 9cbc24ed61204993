import { existsSync } from "node:fs";
import { connectDatabase } from "../../database/database.js";
import type { DatabaseConfig } from "../../database/options.js";
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
    await work({ em: database.em.fork(), now, by: actorAt(env), driver: config.driver, openAvatars });
  } finally {
    await database.close(true);
  }
}
