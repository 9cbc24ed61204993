import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { inject } from "vitest";

export type Driver = "sqlite" | "postgresql";

/** The database that this run of a test file is for. */
export const driver: Driver = process.env["TEST_DATABASE"] === "postgresql" ? "postgresql" : "sqlite";

/** The address of a new, empty database; a file has a folder of its own. */
export async function newDatabase(kind: Driver = driver): Promise<string> {
  const name = `test_${randomBytes(6).toString("hex")}`;
  if (kind === "sqlite") {
    const folder = join(inject("folder"), name);
    mkdirSync(folder);
    return `sqlite:${join(folder, "wxpass.db")}`;
  }
  const client = new pg.Client(`${inject("postgresUrl")}/postgres`);
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  return `${inject("postgresUrl")}/${name}`;
}
