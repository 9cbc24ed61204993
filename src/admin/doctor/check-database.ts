import { type Examination, examineDatabase } from "../../database/examine.js";
import type { DatabaseConfig } from "../../database/options.js";
import type { Text } from "../../errors.js";
import { type Check, type Finding, fault, ok, skipped, warning } from "./finding.js";

/** Whether the database is there, has this version's tables, and can be written to. */
export const checkDatabase: Check = async ({ database }, { tables }) => {
  const place = database.driver === "sqlite" ? database.file : "PostgreSQL";
  return [explain(place, database, await examineDatabase(database, tables))];
};

function explain(place: string, { driver }: DatabaseConfig, examination: Examination): Finding {
  const { tables, unknown = [], fault: found, code } = examination;
  const why = code === undefined ? "" : ` (${code})`;
  if (found === "absent" || tables === "none")
    return skipped(
      `${place} 还没有数据表，服务第一次启动时创建`,
      `${place} has no tables yet: the server makes them when it starts`,
    );
  if (found === "unreachable")
    return fault({ zh: `${place} 打不开${why}`, en: `${place} can't be opened${why}` }, reachable[driver]);
  if (tables === "foreign") return fault(foreign(place, unknown.join(", ")), useThat);
  if (found === "unreadable")
    return fault({ zh: `${place} 读不了${why}`, en: `${place} can't be read${why}` }, damaged);
  if (found === "unwritable")
    return fault({ zh: `${place} 写不了${why}`, en: `${place} can't be written to${why}` }, writable[driver]);
  if (tables === "older") return warning(older(place), update);
  return ok(`${place} 可以读写，数据表是最新的`, `${place} can be read and written, and its tables are this version's`);
}

const foreign = (place: string, names: string): Text => ({
  zh: `${place} 的数据表由您自己的后端程序或更新的版本改过（迁移 ${names}）`,
  en: `the tables of ${place} were made by an own back end, or by a newer version (migrations ${names})`,
});

const older = (place: string): Text => ({
  zh: `${place} 的数据表是旧版本的`,
  en: `the tables of ${place} are an older version's`,
});

const useThat: Text = {
  zh: "用那个程序启动和运维，例如 node build/main.js admin doctor",
  en: "Start and administer it with that one, such as by node build/main.js admin doctor",
};

const update: Text = {
  zh: "先备份；服务启动时会升级，也可以运行 wxpass migrate",
  en: "Back up first; the server changes them when it starts, and so does wxpass migrate",
};

const damaged: Text = { zh: "数据库可能损坏，用备份恢复", en: "It may be damaged: restore a backup" };

const reachable: Record<DatabaseConfig["driver"], Text> = {
  sqlite: {
    zh: "核对 DATABASE_URL，文件和目录要属于运行服务的用户",
    en: "Look at DATABASE_URL; the file and its folder must belong to the server's user",
  },
  postgresql: {
    zh: "核对 DATABASE_URL 的主机、库名、用户和密码；库要先建好",
    en: "Look at host, name, user and password in DATABASE_URL; the database must have been created",
  },
};

const writable: Record<DatabaseConfig["driver"], Text> = {
  sqlite: {
    zh: "磁盘满了，或者文件、目录不属于运行服务的用户",
    en: "The disk is full, or the file or its folder doesn't belong to the server's user",
  },
  postgresql: {
    zh: "这是只读的备库，或者设成了只读：连到主库",
    en: "It is a standby, or set to read only: connect to the primary",
  },
};
