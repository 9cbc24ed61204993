import { closeSync, openSync, readSync, type Stats, statSync } from "node:fs";
import type { SqlEntityManager } from "@mikro-orm/sql";
import type { Logger } from "pino";
import { codeOf, describeError } from "../log.js";
import { within } from "../within.js";
import type { Database } from "./database.js";
import { sqliteMagic } from "./sqlite-file.js";
import { isSqlite, statement } from "./statement.js";

/** How the database is. What is found is logged when it changes, and not each time. */
export interface Health {
  /** Whether it can be read, and is still what it was at the start. */
  check(): Promise<boolean>;
  close(): void;
}

/** What is wrong, for the log, and whether the database can be read all the same. */
export interface Finding {
  found: string;
  isReadable: boolean;
  error?: unknown;
}

/** For the database to answer. */
const readTimeoutMs = 2_000;

/** For which a check waits until a try to write has failed: one that waits for a lock is nothing to tell. */
const writeTimeoutMs = 500;

/** Between two tries to write: each waits for the disk. */
const writeIntervalMs = 10_000;

/** Connections to choose from may have been cut since their last use; each try weeds one out. */
const maxTries = 3;

/** Begins at the roots of the tables that a sign-in needs. */
const readSomething = statement(`
  select (select 1 from users limit 1) as user, (select 1 from identities limit 1) as identity,
    (select 1 from sessions limit 1) as session`);

const isReadOnly = statement("select current_setting('transaction_read_only') as read_only");

/** Opens what looks after the database. */
export function openHealth(database: Database, now: () => Date, log: Logger): Health {
  const { em, config } = database;
  const onSqlite = isSqlite(em);
  const file = onSqlite ? watchFile(config.get("dbName") ?? "") : undefined;
  const findUnwritable = onSqlite ? everySoOften(now, () => tryWriting(em)) : () => findReadOnly(em);
  let last: string | undefined;

  async function find(): Promise<Finding | undefined> {
    const gone = file?.find();
    if (gone) return gone;
    const unreadable = await findUnreadable(database, maxTries);
    return unreadable ?? within(writeTimeoutMs, findUnwritable(), () => undefined);
  }

  function tell(finding: Finding | undefined): void {
    if (finding?.found === last) return;
    last = finding?.found;
    if (!finding) log.info("the database is as it should be again");
    else
      log.error(
        { found: finding.found, ...("error" in finding && { error: describeError(finding.error) }) },
        finding.found,
      );
  }

  return {
    async check() {
      const late = { found: "the database doesn't answer", isReadable: false };
      const finding = await within(readTimeoutMs, find(), () => late);
      tell(finding);
      return finding?.isReadable ?? true;
    },
    close: () => file?.close(),
  };
}

async function findUnreadable(database: Database, left: number): Promise<Finding | undefined> {
  const { em } = database;
  try {
    const connection = await database.checkConnection();
    if (!connection.ok) throw connection.error ?? new Error(connection.reason);
    // What SQLite remembers of the file says nothing about the file.
    if (isSqlite(em)) await em.getConnection().execute("pragma shrink_memory");
    await readSomething.rows(em, []);
    return undefined;
  } catch (error) {
    if (left > 1) return findUnreadable(database, left - 1);
    const isCorrupt = /^SQLITE_(CORRUPT|NOTADB)/.test(codeOf(error) ?? "");
    return { found: isCorrupt ? "the database is corrupt" : "the database can't be read", isReadable: false, error };
  }
}

/** What is wrong with a database that was just opened, if it can't be read or not be written to. */
export const findFault = async (database: Database): Promise<Finding | undefined> =>
  (await findUnreadable(database, 1)) ?? (isSqlite(database.em) ? tryWriting(database.em) : findReadOnly(database.em));

const unwritable = (error?: unknown): Finding => ({
  found: "nothing can be written to the database",
  isReadable: true,
  ...(error !== undefined && { error }),
});

/** Writes a number into the file's head that nobody uses, and that is the same each time. */
async function tryWriting(em: SqlEntityManager): Promise<Finding | undefined> {
  try {
    await em.getConnection().execute("pragma user_version = 0");
    return undefined;
  } catch (error) {
    return codeOf(error)?.startsWith("SQLITE_BUSY") ? undefined : unwritable(error);
  }
}

async function findReadOnly(em: SqlEntityManager): Promise<Finding | undefined> {
  const [row] = await isReadOnly.rows(em, []);
  return row?.["read_only"] === "on" ? unwritable() : undefined;
}

/** Looks at most every {@link writeIntervalMs}, and says in between what was found then. */
function everySoOften(now: () => Date, look: () => Promise<Finding | undefined>): () => Promise<Finding | undefined> {
  let lookedAt = Number.NEGATIVE_INFINITY;
  let found: Promise<Finding | undefined> = Promise.resolve(undefined);
  return () => {
    const elapsedMs = now().getTime() - lookedAt;
    if (elapsedMs >= 0 && elapsedMs < writeIntervalMs) return found;
    lookedAt = now().getTime();
    found = look();
    return found;
  };
}

interface WatchedFile {
  find(): Finding | undefined;
  close(): void;
}

/** Keeps the file open for as long as SQLite does: closing it takes the locks away that this process has on it. */
function watchFile(file: string): WatchedFile {
  const descriptor = openSync(file, "r");
  const atStart = statSync(file);

  return {
    find() {
      const current = statSync(file, { throwIfNoEntry: false });
      if (!current)
        return { found: "the database's file was deleted; what is written from now on is lost", isReadable: false };
      if (!isSame(current, atStart)) {
        return { found: "the database's file was replaced; what is written from now on is lost", isReadable: false };
      }
      const start = Buffer.alloc(sqliteMagic.length);
      readSync(descriptor, start, { position: 0 });
      return start.toString("latin1") === sqliteMagic
        ? undefined
        : { found: "the database is corrupt", isReadable: false };
    },
    close: () => closeSync(descriptor),
  };
}

const isSame = (a: Stats, b: Stats) => a.ino === b.ino && a.dev === b.dev;
