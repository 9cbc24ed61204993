import pg from "pg";
import { describe, expect, inject, test, vi } from "vitest";
import { startCuttableProxy } from "../support/cuttable-proxy.js";
import { driver, newDatabase } from "../support/database.js";
import { startTestApp, type TestApp } from "../support/test-app.js";

const app = await startTestApp();

async function probe({ url }: TestApp, path: string): Promise<[number, unknown]> {
  const response = await fetch(`${url}${path}`);
  return [response.status, await response.json()];
}

describe.each(["/livez", "/readyz"])("%s", (path) => {
  test("says that all is well", async () => {
    expect(await probe(app, path)).toEqual([200, { status: "ok" }]);
    expect(await probe(app, `${path}?from=loadbalancer`)).toEqual([200, { status: "ok" }]);
  });

  test("can be asked by HEAD", async () => {
    const response = await fetch(`${app.url}${path}`, { method: "HEAD" });
    expect([response.status, await response.text()]).toEqual([200, ""]);
  });
});

describe("when the database is gone", () => {
  const unreachable = [503, { status: "database unreachable" }];

  if (driver === "sqlite") {
    test("the process is up, but not ready", async () => {
      const closed = await startTestApp();
      await closed.database.close(true);
      expect(await probe(closed, "/readyz")).toEqual(unreachable);
      expect(await probe(closed, "/livez")).toEqual([200, { status: "ok" }]);
    });
  }

  if (driver === "postgresql") {
    test("the process is up, but not ready until the database is back", async () => {
      const cut = await startTestApp();
      const name = new URL(cut.databaseUrl).pathname.slice(1);
      const admin = new pg.Client(new URL("/postgres", cut.databaseUrl).href);
      await admin.connect();
      await admin.query(`alter database ${name} with allow_connections false`);
      await admin.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`);
      await expect.poll(() => probe(cut, "/readyz")).toEqual(unreachable);
      expect(await probe(cut, "/livez")).toEqual([200, { status: "ok" }]);
      expect((await cut.client.login("alice")).outcome).toBe("INTERNAL_SERVER_ERROR");

      await admin.query(`alter database ${name} with allow_connections true`);
      await admin.end();
      expect(await probe(cut, "/readyz")).toEqual([200, { status: "ok" }]);
      expect((await cut.client.signedIn("alice")).isNewUser).toBe(true);
    });

    test("one that falls silent makes it unready within two seconds, and not only when the connection is given up", async () => {
      const address = new URL(await newDatabase());
      const proxy = await startCuttableProxy(Number(address.port));
      address.port = String(proxy.port);
      const silent = await startTestApp({ env: { DATABASE_URL: address.href } });
      expect(await probe(silent, "/readyz")).toEqual([200, { status: "ok" }]);
      proxy.cut();
      proxy.swallow(true);
      vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
      const found = vi.fn();
      const asking = probe(silent, "/readyz").then(found);
      let passedMs = 0;
      while (found.mock.calls.length === 0 && passedMs < 4_000) {
        await vi.advanceTimersByTimeAsync(100);
        await fetch(`${silent.url}/livez`);
        passedMs += 100;
      }
      vi.useRealTimers();
      expect(found.mock.calls).toEqual([[unreachable]]);
      expect(passedMs).toBeLessThan(3_000);
      await asking;
      proxy.swallow(false);
      proxy.leadTo(Number(new URL(inject("postgresUrl")).port));
    });
  }
});
