import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import type { LoginData } from "../support/client.js";
import { newDatabase } from "../support/database.js";
import { queryPostgres } from "../support/postgres.js";
import { newFolder, startServer } from "../support/server-process.js";
import { jwtSecret, startTestApp } from "../support/test-app.js";

/** What a login that was cut off half-way would leave behind. */
const halfWritten = `
  select 'user without identity' as half from users where id not in (select user_id from identities) union all
  select 'user without session' from users where id not in (select user_id from sessions) union all
  select 'user without unionid' from users where id not in (select user_id from unionids) union all
  select 'identity without user' from identities where user_id not in (select id from users) union all
  select 'session without user' from sessions where user_id not in (select id from users)`;

/** Signs in many people at once, each as a new one and then as one who is known, and kills the server when the n-th got an answer. Returns the answers that came. */
async function loginsUntilKilled(env: Record<string, string>, cwd: string, n: number): Promise<LoginData[]> {
  const { client, child, exited } = await startServer(env, cwd);
  const answered: LoginData[] = [];
  const logins = Array.from({ length: 40 }, async (_, index) => {
    for (let times = 0; times < 2; times++) {
      answered.push(await client.signedIn(`round${n}person${index}`));
      if (answered.length === n) child.kill("SIGKILL");
    }
  });
  const outcomes = await Promise.allSettled(logins);
  if (answered.length < n)
    throw new Error(`too few sign-ins went through: ${outcomes.map((outcome) => Reflect.get(outcome, "reason"))}`);
  expect(await exited).toBe("SIGKILL");
  return answered;
}

test.each(["sqlite", "postgresql"] as const)("kill -9 loses no login that was answered, on %s", async (driver) => {
  const cwd = newFolder();
  const url = driver === "sqlite" ? "sqlite:users.db" : await newDatabase("postgresql");
  const env = { DATABASE_URL: url, JWT_SECRET: jwtSecret, PUBLIC_URL: "http://wxpass.test", NODE_ENV: "test" };
  const answered: LoginData[] = [];
  for (const n of [2, 55]) answered.push(...(await loginsUntilKilled(env, cwd, n)));
  expect(answered.length).toBeGreaterThanOrEqual(57);
  expect(answered.length).toBeLessThan(160);

  const { client } = await startTestApp({ env: { ...env, DATABASE_URL: url.replace("sqlite:", `sqlite:${cwd}/`) } });
  const found = await Promise.all(answered.map(async ({ token }) => (await client.me(token)).data?.me?.id));
  expect(found).toEqual(answered.map(({ user }) => user.id));
  const left =
    driver === "sqlite"
      ? new DatabaseSync(join(cwd, "users.db")).prepare(halfWritten).all()
      : await queryPostgres(url, halfWritten);
  expect(left).toEqual([]);
});
