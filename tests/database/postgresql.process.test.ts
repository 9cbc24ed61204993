import { expect, test } from "vitest";
import type { LoginData } from "../support/client.js";
import { newDatabase } from "../support/database.js";
import { queryPostgres } from "../support/postgres.js";
import { newFolder, startServer } from "../support/server-process.js";
import { jwtSecret } from "../support/test-app.js";

const url = await newDatabase("postgresql");
const env = { DATABASE_URL: url, JWT_SECRET: jwtSecret };
const servers = await Promise.all(Array.from({ length: 5 }, () => startServer(env, newFolder())));

const idsOf = (logins: LoginData[]) => new Set(logins.map(({ user }) => user.id));

test("five processes starting at once on an empty database all come up and share it", {
  concurrent: false,
}, async () => {
  const logins = await Promise.all(servers.map(({ client }) => client.signedIn("alice")));
  expect(idsOf(logins).size).toBe(1);
  expect(logins.filter(({ isNewUser }) => isNewUser)).toHaveLength(1);
});

test("fifty first sign-ins of one person in two processes make one user", { concurrent: false }, async () => {
  const count =
    "select (select count(*)::int from users) as users, (select count(*)::int from identities) as identities";
  const [before] = await queryPostgres(url, count);
  const logins = await Promise.all(
    Array.from({ length: 25 }, () => servers.slice(0, 2).map(({ client }) => client.signedIn("bob"))).flat(),
  );
  const [after] = await queryPostgres(url, count);
  expect(logins).toHaveLength(50);
  expect(idsOf(logins).size).toBe(1);
  expect(logins.filter(({ isNewUser }) => isNewUser)).toHaveLength(1);
  expect(Number(after?.["users"])).toBe(Number(before?.["users"]) + 1);
  expect(Number(after?.["identities"])).toBe(Number(before?.["identities"]) + 1);
});

test("the servers go on when PostgreSQL ends all their connections", { concurrent: false }, async () => {
  const logins = await Promise.all(servers.map(({ client }, index) => client.signedIn(`person${index}`)));
  const ended = await queryPostgres(
    url,
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
  );
  expect(ended.length).toBeGreaterThanOrEqual(servers.length);
  const ready = await Promise.all(servers.map((server) => fetch(`${server.url}/readyz`)));
  const found = await Promise.all(logins.map(({ token }, index) => servers[index]?.client.me(token)));
  expect(ready.map(({ status }) => status)).toEqual(servers.map(() => 200));
  expect(found.map((answer) => answer?.outcome)).toEqual(servers.map(() => "ok"));
});
