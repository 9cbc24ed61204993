import { expect, test } from "vitest";
import { type CuttableProxy, startCuttableProxy } from "../support/cuttable-proxy.js";
import { newDatabase } from "../support/database.js";
import { queryPostgres } from "../support/postgres.js";
import { startTestApp, type TestApp } from "../support/test-app.js";

const poolSize = 3;

interface Fragile {
  app: TestApp;
  proxy: CuttableProxy;
  query(statement: string): Promise<Record<string, unknown>[]>;
}

/** A server whose way to PostgreSQL leads through a proxy. */
async function startFragile(): Promise<Fragile> {
  const direct = await newDatabase("postgresql");
  const address = new URL(direct);
  const proxy = await startCuttableProxy(Number(address.port));
  address.port = String(proxy.port);
  const app = await startTestApp({ env: { DATABASE_URL: address.href, DATABASE_POOL: String(poolSize) } });
  return { app, proxy, query: (statement) => queryPostgres(direct, statement) };
}

/** Asks until this comes true, and returns how many seconds that took. */
async function secondsUntil(isTrue: () => Promise<boolean>): Promise<number> {
  const startedAt = performance.now();
  while (!(await isTrue())) expect(performance.now() - startedAt).toBeLessThan(60_000);
  return (performance.now() - startedAt) / 1_000;
}

/** Uses all connections of the pool at once, so that all are open. */
const useAll = ({ client }: TestApp, token: string) =>
  Promise.all(Array.from({ length: poolSize * 4 }, () => client.me(token)));

const count = "select (select count(*)::int from users) users, (select count(*)::int from sessions) sessions";

test.concurrent("connections that fall silent are given up, and requests go on without a restart", async () => {
  const { app, proxy } = await startFragile();
  const { token } = await app.client.signedIn("alice");
  await useAll(app, token);
  proxy.cut();
  const failing = await Promise.all(["bob", "carol", "dave"].map((person) => app.client.login(person)));
  expect(failing.map(({ outcome }) => outcome)).toEqual(failing.map(() => "INTERNAL_SERVER_ERROR"));
  const alive = await fetch(`${app.url}/livez`);
  expect(alive.status).toBe(200);
  expect(await secondsUntil(async () => (await app.client.me(token)).outcome === "ok")).toBeLessThan(5);
  const people = Array.from({ length: poolSize * 4 }, (_, index) => app.client.login(`later${index}`));
  expect((await Promise.all(people)).map(({ outcome }) => outcome)).toEqual(people.map(() => "ok"));
  proxy.close();
});

test.concurrent("while new connections fall silent as well each request fails in time, and afterwards all is well", async () => {
  const { app, proxy } = await startFragile();
  const { token } = await app.client.signedIn("alice");
  proxy.cut();
  proxy.swallow(true);
  const startedAt = performance.now();
  const answers = await useAll(app, token);
  expect(performance.now() - startedAt).toBeLessThan(11_000);
  expect(answers.map(({ outcome }) => outcome)).toEqual(answers.map(() => "INTERNAL_SERVER_ERROR"));
  proxy.swallow(false);
  expect(await secondsUntil(async () => (await app.client.me(token)).outcome === "ok")).toBeLessThan(12);
  expect((await app.client.signedIn("bob")).isNewUser).toBe(true);
  proxy.close();
});

test.concurrent("writes come back by themselves after a read-only phase, though no connection rests", async () => {
  const { app, proxy, query } = await startFragile();
  const { token } = await app.client.signedIn("alice");
  const name = new URL(app.databaseUrl).pathname.slice(1);
  const end = `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}' and pid <> pg_backend_pid()`;
  let stop = false;
  const reading = Array.from({ length: poolSize * 3 }, async () => {
    while (!stop) await app.client.me(token);
  });
  const write = async () => (await app.client.updateProfile(token, { nickname: "Alice" })).outcome === "ok";
  await query(`alter database ${name} set default_transaction_read_only = on`);
  await query(end);
  await secondsUntil(async () => !(await write()));
  await query(`begin read write; alter database ${name} reset default_transaction_read_only; commit`);
  expect(await secondsUntil(write)).toBeLessThan(5);
  stop = true;
  await Promise.all(reading);
  proxy.close();
});

test.concurrent("a first sign-in whose commit is answered to nobody is the same user at the next try", async () => {
  const { app, proxy, query } = await startFragile();
  proxy.loseAnswerTo(/commit/);
  expect((await app.client.login("alice")).outcome).toBe("INTERNAL_SERVER_ERROR");
  expect(await query(count)).toEqual([{ users: 1, sessions: 1 }]);
  const again = await app.client.signedIn("alice");
  expect(again.isNewUser).toBe(false);
  expect(await query(count)).toEqual([{ users: 1, sessions: 2 }]);
  expect((await app.client.me(again.token)).data?.me?.id).toBe(again.user.id);
  proxy.close();
});

test.concurrent("a refresh whose write is answered to nobody is repeated with the same token, and there is one successor", async () => {
  const { app, proxy, query } = await startFragile();
  const login = await app.client.signedIn("alice");
  proxy.loseAnswerTo(/update sessions/);
  expect((await app.client.refresh(login.refreshToken)).outcome).toBe("INTERNAL_SERVER_ERROR");
  expect(await query("select generation from sessions")).toEqual([{ generation: 1 }]);
  const again = await app.client.refresh(login.refreshToken);
  expect(again.outcome).toBe("ok");
  expect(await query("select generation from sessions")).toEqual([{ generation: 1 }]);
  expect((await app.client.refresh(again.data?.refreshToken?.refreshToken ?? "")).outcome).toBe("ok");
  proxy.close();
});

test.concurrent.each(["breakAt", "loseAnswerTo"] as const)(
  "a transaction whose connection goes between begin and commit leaves nothing behind (%s)",
  async (fault) => {
    const { app, proxy, query } = await startFragile();
    proxy[fault](/insert into sessions/);
    expect((await app.client.login("alice")).outcome).toBe("INTERNAL_SERVER_ERROR");
    expect(await query(count)).toEqual([{ users: 0, sessions: 0 }]);
    expect((await app.client.signedIn("alice")).isNewUser).toBe(true);
    expect(await query(count)).toEqual([{ users: 1, sessions: 1 }]);
    proxy.close();
  },
);

test.concurrent("the pool is as large as the setting says", async () => {
  const { app, proxy, query } = await startFragile();
  const { token } = await app.client.signedIn("alice");
  await useAll(app, token);
  const name = new URL(app.databaseUrl).pathname.slice(1);
  const [row] = await query(
    `select count(*)::int n from pg_stat_activity where datname = '${name}' and pid <> pg_backend_pid()`,
  );
  expect(row).toEqual({ n: poolSize });
  proxy.close();
});
