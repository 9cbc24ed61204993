import { once } from "node:events";
import { connect, createServer, type Server } from "node:net";
import { expect, inject, test } from "vitest";
import { newDatabase } from "../support/database.js";
import { newFolder, productionEnv, spawnServer, startServer } from "../support/server-process.js";

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("it listens on no port");
  return address.port;
}

/** Starts a server that must refuse to start, and returns what it printed. */
async function refused(env: Record<string, string>): Promise<string> {
  const server = spawnServer(env, newFolder());
  expect(await server.exited).toBe(1);
  return server.output();
}

test("every fault in the settings is named at once, and no value is shown", async () => {
  const output = await refused({
    NODE_ENV: "prodution",
    PORT: "70000",
    DATABASE_URL: "mysql://root:hunter22@db/wxpass",
    JWT_SECRET: "short-secret",
    ACCESS_TOKEN_TTL: "2 hours",
    WECHAT_APPS: "wx1234;app-secret-with-semicolon",
    WECHAT_SIMULATOR: "yes",
    EXPLORER: "playground",
    CORS_ORIGINS: "*",
    LOG_LEVEL: "loud",
    PUBLIC_URL: "wxpass.example.com",
  });
  const named = [...output.matchAll(/^ {2}([A-Z_]+): \S/gm)].map(([, name]) => name);
  expect(named.toSorted()).toEqual([
    "ACCESS_TOKEN_TTL",
    "CORS_ORIGINS",
    "DATABASE_URL",
    "EXPLORER",
    "JWT_SECRET",
    "LOG_LEVEL",
    "NODE_ENV",
    "PORT",
    "PUBLIC_URL",
    "WECHAT_APPS",
    "WECHAT_SIMULATOR",
  ]);
  expect(output).not.toMatch(/prodution|70000|hunter22|short-secret|2 hours|semicolon|yes|playground|loud/);
});

test("production refuses to start with weak secrets, without apps and with the simulator", async () => {
  const output = await refused({ NODE_ENV: "production", JWT_SECRET: "abab".repeat(16), WECHAT_SIMULATOR: "on" });
  for (const name of ["JWT_SECRET", "WECHAT_SIMULATOR", "WECHAT_APPS"]) expect(output).toContain(`  ${name}: `);
  expect(output).not.toContain("abab");
});

test("production logs JSON, and has no explorer, no introspection and no simulator", async () => {
  const { url, client, output, child, exited } = await startServer(productionEnv, newFolder());
  const page = await fetch(`${url}/graphql`, { headers: { accept: "text/html" } });
  expect(page.headers.get("content-type")).not.toContain("html");
  const introspection = await client.request("{ __schema { queryType { name } } }");
  expect(introspection.errors).toHaveLength(1);
  expect(introspection.data?.me).toBeUndefined();
  expect(introspection.text).not.toContain('"queryType":');
  child.kill("SIGTERM");
  expect(await exited).toBe(0);
  const lines = output()
    .trim()
    .split("\n")
    .map((line): { level: number; msg: string } => JSON.parse(line));
  expect(lines.map(({ msg }) => msg)).toContain("wxpass is listening");
  expect(output()).not.toContain("imulator");
});

test("a PostgreSQL that isn't there ends the start, and the password is in no message", async () => {
  const url = "postgresql://wxpass:hunter22@127.0.0.1:1/wxpass";
  const output = await refused({ DATABASE_URL: url, DATABASE_WAIT: "1s" });
  expect(output).toContain("waiting for the database");
  expect(output).toContain("ECONNREFUSED");
  expect(output).not.toMatch(/at .*\.ts:/);
  expect(output).not.toContain("hunter22");
});

test("a start waits for a PostgreSQL that comes later", async () => {
  const address = new URL(await newDatabase("postgresql"));
  const real = { host: address.hostname, port: Number(address.port) };
  const door = createServer((client) => {
    const server = connect(real);
    client.on("error", () => server.destroy()).pipe(server);
    server.on("error", () => client.destroy()).pipe(client);
  });
  // A port that somebody had is free for whoever comes next.
  await once(door.listen(0, "127.0.0.1"), "listening");
  address.host = `127.0.0.1:${portOf(door)}`;
  await once(door.close(), "close");

  const server = spawnServer({ ...productionEnv, DATABASE_URL: address.href }, newFolder());
  await expect.poll(server.output).toContain("waiting for the database");
  await once(door.listen(Number(address.port), "127.0.0.1"), "listening");
  await expect.poll(server.output).toContain("wxpass is listening");
  server.child.kill("SIGTERM");
  expect(await server.exited).toBe(0);
  door.close();
});

test("a PostgreSQL that refuses the password ends the start", async () => {
  const address = new URL(inject("postgresUrl"));
  address.password = "hunter22";
  const output = await refused({ DATABASE_URL: `${address}/postgres` });
  expect(output).toContain("password authentication failed");
  expect(output).not.toContain("hunter22");
});

test("a PostgreSQL that never answers ends the start within seconds", async () => {
  const silent = createServer().listen(0, "127.0.0.1");
  await once(silent, "listening");
  const address = silent.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  const before = performance.now();
  const output = await refused({ DATABASE_URL: `postgresql://wxpass:hunter22@127.0.0.1:${port}/wxpass` });
  expect(performance.now() - before).toBeLessThan(25_000);
  expect(output).toMatch(/timeout/i);
  expect(output).not.toContain("hunter22");
  silent.close();
});
