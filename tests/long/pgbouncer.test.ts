import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { afterAll, expect, test } from "vitest";
import { newDatabase } from "../support/database.js";
import { freePort } from "../support/free-port.js";
import { newFolder } from "../support/server-process.js";
import { startTestApp } from "../support/test-app.js";

const program = ["/usr/sbin/pgbouncer", "/usr/local/sbin/pgbouncer", "/opt/homebrew/bin/pgbouncer"].find(existsSync);

let pooler: ChildProcess | undefined;

afterAll(() => void pooler?.kill());

/** Starts PgBouncer in transaction mode, everything else by default, in front of the tests' PostgreSQL. */
async function startPgbouncer(file: string, target: URL): Promise<number> {
  const port = await freePort();
  const folder = newFolder();
  const users = join(folder, "users.txt");
  const config = join(folder, "pgbouncer.ini");
  writeFileSync(users, `"${target.username}" "${target.password}"\n`);
  const lines = [
    "[databases]",
    `* = host=127.0.0.1 port=${target.port}`,
    "[pgbouncer]",
    "pool_mode = transaction",
    `listen_addr = 127.0.0.1\nlisten_port = ${port}`,
    `auth_type = plain\nauth_file = ${users}\nunix_socket_dir =`,
  ];
  writeFileSync(config, `${lines.join("\n")}\n`);
  chmodSync(folder, 0o755);
  const nobody = { uid: 65_534, gid: 65_534 };
  pooler = spawn(file, [config], { stdio: ["ignore", "ignore", "pipe"], ...(process.getuid?.() === 0 && nobody) });
  let output = "";
  while (!output.includes("process up")) {
    const [chunk] = await once(pooler.stderr ?? pooler, "data");
    output += String(chunk);
  }
  return port;
}

if (!program) {
  test.skip("PgBouncer is not installed here (Debian: apt-get install pgbouncer)", () => {});
} else {
  test("through PgBouncer in transaction mode, two servers do all that they do without it", async () => {
    const direct = await newDatabase("postgresql");
    const address = new URL(direct);
    address.port = String(await startPgbouncer(program, address));
    const env = { DATABASE_URL: address.href, RATE_LIMIT: "on" };
    const apps = [await startTestApp({ env }), await startTestApp({ env })];

    const people = Array.from({ length: 12 }, (_, index) => `person${index}`);
    const rounds = await Promise.all(
      people.flatMap((person) =>
        apps.map(async ({ client }) => {
          const { user, refreshToken } = await client.signedIn(person);
          const { data } = await client.refresh(refreshToken);
          const token = data?.refreshToken?.token;
          const updated = await client.updateProfile(token, { nickname: person });
          const shown = await client.request("{ exportMyData mySessions { id } }", token ? { token } : {});
          return { id: user.id, outcomes: [updated.outcome, shown.outcome] };
        }),
      ),
    );
    expect(new Set(rounds.map(({ id }) => id)).size).toBe(people.length);
    expect(rounds.flatMap(({ outcomes }) => outcomes)).toEqual(rounds.flatMap(() => ["ok", "ok"]));

    const [first] = apps;
    const login = await first?.client.signedIn("person0");
    const other = new pg.Client(direct);
    await other.connect();
    await other.query("begin");
    await other.query("update users set signature = 'theirs'");
    const late = await first?.client.updateProfile(login?.token, { nickname: "too late" });
    expect(late?.outcome).toBe("INTERNAL_SERVER_ERROR");
    const waiting = await other.query("select 1 from pg_stat_activity where wait_event_type = 'Lock'");
    expect(waiting.rowCount).toBe(0);
    await other.query("commit");
    await other.end();
    expect((await first?.client.me(login?.token))?.data?.me?.nickname).toBe("person0");
    const noSuchStatement = /"code":"(42P05|26000)"/;
    const errors = apps.flatMap(({ logged }) => logged.map((line) => JSON.stringify(line)));
    expect(errors.filter((line) => noSuchStatement.test(line))).toEqual([]);
  });
}
