import { expect, test } from "vitest";
import { newDatabase } from "../support/database.js";
import { queryPostgres } from "../support/postgres.js";
import { newFolder, startServer } from "../support/server-process.js";
import { jwtSecret } from "../support/test-app.js";

/** Starts servers at once, each with a folder of its own, on one database. */
function startServers(count: number, url: string) {
  const env = { DATABASE_URL: url, JWT_SECRET: jwtSecret };
  return Promise.all(Array.from({ length: count }, () => startServer(env, newFolder())));
}

test("five processes starting at once on an empty database all come up and share it", async () => {
  const servers = await startServers(5, await newDatabase("postgresql"));
  const logins = await Promise.all(servers.map(({ client }) => client.signedIn("alice")));
  expect(new Set(logins.map(({ user }) => user.id)).size).toBe(1);
  expect(logins.filter(({ isNewUser }) => isNewUser)).toHaveLength(1);
});

test("fifty first sign-ins of one person in two processes make one user", async () => {
  const url = await newDatabase("postgresql");
  const servers = await startServers(2, url);
  const logins = await Promise.all(
    Array.from({ length: 25 }, () => servers.map(({ client }) => client.signedIn("alice"))).flat(),
  );
  expect(new Set(logins.map(({ user }) => user.id)).size).toBe(1);
  expect(logins.filter(({ isNewUser }) => isNewUser)).toHaveLength(1);
  expect(await queryPostgres(url, "select count(*)::int as users from users")).toEqual([{ users: 1 }]);
  expect(await queryPostgres(url, "select count(*)::int as identities from identities")).toEqual([{ identities: 1 }]);
});

test("the server goes on when PostgreSQL ends all its connections", async () => {
  const url = await newDatabase("postgresql");
  const [server] = await startServers(1, url);
  const logins = await Promise.all(["alice", "bob", "carol"].map((name) => server?.client.signedIn(name)));
  const ended = await queryPostgres(
    url,
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
  );
  expect(ended.length).toBeGreaterThan(0);
  const ready = await fetch(`${server?.url}/readyz`);
  const answers = await Promise.all(logins.map((login) => server?.client.me(login?.token)));
  expect(ready.status).toBe(200);
  expect(answers.map((answer) => answer?.outcome)).toEqual(["ok", "ok", "ok"]);
});
