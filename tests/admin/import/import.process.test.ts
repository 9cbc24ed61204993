import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Identity } from "../../../src/auth/identity.js";
import { User } from "../../../src/user/user.js";
import { openidOf } from "../../../src/wechat/simulator/people.js";
import { admin, spawnAdmin } from "../../support/admin.js";
import { auditOf } from "../../support/audit.js";
import { firstApp } from "../../support/client.js";
import { newDatabase } from "../../support/database.js";
import { newFolder } from "../../support/server-process.js";
import { startTestApp } from "../../support/test-app.js";

const people = Array.from({ length: 1_300 }, (_, index) => `person${index}`);
const rows = people.map((person) => `${openidOf(firstApp, person)},${person}\n`);

test.each(["sqlite", "postgresql"] as const)(
  "an import on %s that is killed goes on when it is started again, while people sign in",
  async (kind) => {
    const folder = newFolder();
    const app = await startTestApp({ env: { DATABASE_URL: await newDatabase(kind) } });
    const env = { DATABASE_URL: app.databaseUrl };
    const countUsers = () => app.database.em.fork().count(User);
    const countIdentities = () => app.database.em.fork().count(Identity);

    const killed = spawnAdmin(["import", "-", "--format", "csv", "--app-id", firstApp], env, folder);
    killed.stdin.write(["openid,nickname\n", ...rows].join(""));
    await expect.poll(countIdentities, { timeout: 60_000 }).toBe(1_000);
    killed.kill("SIGKILL");
    await once(killed, "close");
    expect(await countUsers()).toBe(1_000);
    expect((await auditOf(app)).map(({ act, detail }) => [act, detail])).toEqual([["begin-import", "standard input"]]);

    const file = join(folder, "users.csv");
    writeFileSync(file, ["openid,nickname\n", ...rows].join(""));
    const [{ code, output }, ...logins] = await Promise.all([
      admin(["import", file, "--app-id", firstApp], { env }),
      ...people.slice(-50).map((person) => app.client.signedIn(person)),
    ]);
    expect(code).toBe(0);
    const [imported = 0, there = 0] = [...output.matchAll(/^(\d+) +(imported|there already)$/gm)].map(([, n]) =>
      Number(n),
    );
    expect(imported + there).toBe(people.length);
    expect(there).toBe(1_000 + logins.filter(({ isNewUser }) => isNewUser).length);
    expect([await countUsers(), await countIdentities()]).toEqual([people.length, people.length]);
    expect((await app.client.signedIn("person0")).user.nickname).toBe("person0");
  },
);
