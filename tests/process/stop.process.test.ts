import { once } from "node:events";
import { existsSync } from "node:fs";
import { Agent, request, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import { expect, test } from "vitest";
import { startCuttableProxy } from "../support/cuttable-proxy.js";
import { newDatabase } from "../support/database.js";
import { startScriptedWechat } from "../support/scripted-wechat.js";
import {
  type ListeningServer,
  newFolder,
  type ServerProcess,
  spawnServer,
  startServer,
} from "../support/server-process.js";
import { jwtSecret } from "../support/test-app.js";

/** A server whose WeChat holds its answers, with one sign-in waiting for such an answer. */
async function startWithLoginInFlight(databaseUrl = "sqlite:users.db") {
  const wechat = await startScriptedWechat();
  const held = Promise.withResolvers<ServerResponse>();
  wechat.answer((response) => held.resolve(response));
  const folder = newFolder();
  const server = await startServer({ ...wechat.env, DATABASE_URL: databaseUrl }, folder);
  const leaving = new AbortController();
  const login = fetch(`${server.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: 'mutation { wxLogin(code: "held") { isNewUser } }' }),
    signal: leaving.signal,
  });
  const wechatResponse = await held.promise;
  return {
    ...server,
    folder,
    login,
    leave: () => leaving.abort(),
    letWechatAnswer: () => wechatResponse.end(JSON.stringify({ openid: "oHeldHeldHeldHeldHeldHeldHeld" })),
  };
}

/** Sends the signal, waits until the server has noticed, and returns a clock that counts from here. */
async function signal(server: ServerProcess, name: NodeJS.Signals): Promise<{ seconds(): number }> {
  const before = performance.now();
  server.child.kill(name);
  while (!server.output().includes("stopping")) await once(server.child.stdout ?? server.child, "data");
  return { seconds: () => (performance.now() - before) / 1_000 };
}

test.each(["SIGTERM", "SIGINT"] as const)(
  "%s lets a sign-in in flight finish and closes the database",
  async (name) => {
    const server = await startWithLoginInFlight();
    await signal(server, name);
    const ready = await fetch(`${server.url}/readyz`);
    const late = await server.client.login("late");
    server.child.kill(name);
    server.letWechatAnswer();
    const answer = await server.login;

    expect(ready.status).toBe(503);
    expect(await ready.json()).toEqual({ status: "draining" });
    expect(late.status).toBe(503);
    expect(late.errors[0]?.extensions).toMatchObject({ code: "INTERNAL_SERVER_ERROR", retry: "LATER" });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ data: { wxLogin: { isNewUser: true } } });
    expect(await server.exited).toBe(0);
    expect(server.output().match(/stopping/g)).toHaveLength(1);

    const file = join(server.folder, "users.db");
    expect(existsSync(`${file}-wal`)).toBe(false);
    expect(new DatabaseSync(file).prepare("select count(*) as sessions from sessions").get()).toEqual({ sessions: 1 });
  },
);

test("idle connections don't hold the stop up", async () => {
  const server = await startServer({}, newFolder());
  const { hostname, port } = new URL(server.url);
  const silent = connect(Number(port), hostname);
  await once(silent, "connect");
  await keepAliveRequest(server);
  const clock = await signal(server, "SIGTERM");
  expect(await server.exited).toBe(0);
  expect(clock.seconds()).toBeLessThan(5);
  silent.destroy();
});

test("a client that left doesn't hold the stop up", async () => {
  const server = await startWithLoginInFlight();
  server.leave();
  await expect(server.login).rejects.toThrow();
  const clock = await signal(server, "SIGTERM");
  expect(await server.exited).toBe(0);
  expect(clock.seconds()).toBeLessThan(4);
});

test("a stop while it waits to migrate ends it at once", async () => {
  const url = await newDatabase("postgresql");
  const other = new pg.Client(url);
  await other.connect();
  await other.query("select pg_advisory_lock(20260001)");
  const server = spawnServer({ DATABASE_URL: url, JWT_SECRET: jwtSecret }, newFolder());
  const waiting = "select 1 from pg_locks where locktype = 'advisory' and not granted";
  while ((await other.query(waiting)).rowCount === 0) expect(server.child.exitCode).toBeNull();
  const clock = await signal(server, "SIGTERM");
  expect(await server.exited).toBe(0);
  expect(clock.seconds()).toBeLessThan(4);
  await other.end();
});

test.concurrent("a request that never ends is cut off after ten seconds", async () => {
  const server = await startServer({}, newFolder());
  const { hostname, port } = new URL(server.url);
  const endless = connect(Number(port), hostname);
  endless.write("POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{");
  await server.client.login("alice");
  const clock = await signal(server, "SIGTERM");
  expect(await server.exited).toBe(0);
  expect(clock.seconds()).toBeGreaterThan(9);
  expect(clock.seconds()).toBeLessThan(13);
  endless.destroy();
});

test.concurrent("a database that falls silent holds the stop up for eleven seconds at most", async () => {
  const address = new URL(await newDatabase("postgresql"));
  const proxy = await startCuttableProxy(Number(address.port));
  address.port = String(proxy.port);
  const server = await startWithLoginInFlight(address.href);
  proxy.cut();
  proxy.swallow(true);
  const clock = await signal(server, "SIGTERM");
  server.letWechatAnswer();
  expect(await (await server.login).json()).toMatchObject({
    errors: [{ extensions: { code: "INTERNAL_SERVER_ERROR" } }],
  });
  expect(await server.exited).toBe(0);
  expect(clock.seconds()).toBeLessThan(14);
  proxy.close();
});

/** Leaves a connection behind that is open for the next request. */
function keepAliveRequest({ url }: ListeningServer): Promise<void> {
  const agent = new Agent({ keepAlive: true });
  return new Promise((resolve, reject) => {
    request(`${url}/livez`, { agent }, (response) => response.resume().on("end", resolve))
      .on("error", reject)
      .end();
  });
}
