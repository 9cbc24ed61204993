import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { User } from "../../src/user/user.js";
import { newDatabase } from "../support/database.js";
import { plain } from "../support/images.js";
import { newFolder, startServer } from "../support/server-process.js";
import { jwtSecret, startTestApp } from "../support/test-app.js";

/** Uploads, replaces and erases at once, and kills the server when the n-th has been answered. */
async function uploadsUntilKilled(env: Record<string, string>, cwd: string, n: number): Promise<void> {
  const { client, url, child, exited } = await startServer(env, cwd);
  const image = new Blob([new Uint8Array(await plain("red", 8).png().toBuffer())]);
  const people = await Promise.all([1, 2, 3].map((index) => client.signedIn(`round${n}person${index}`)));
  let answered = 0;
  const work = people.map(async ({ token }) => {
    for (let i = 0; i < 50; i++) {
      const body = new FormData();
      body.append("file", image, "a.png");
      await fetch(`${url}/avatar`, { method: "POST", headers: { authorization: `Bearer ${token}` }, body });
      if (++answered === n) child.kill("SIGKILL");
    }
  });
  await Promise.allSettled(work);
  expect(await exited).toBe("SIGKILL");
}

test.each(["sqlite", "postgresql"] as const)(
  "kill -9 in the midst of uploads leaves no file for good, on %s",
  async (driver) => {
    const cwd = newFolder();
    const url = driver === "sqlite" ? "sqlite:users.db" : await newDatabase("postgresql");
    const env = { DATABASE_URL: url, JWT_SECRET: jwtSecret, STORAGE_URL: "file:avatars" };
    for (const n of [1, 6]) await uploadsUntilKilled(env, cwd, n);
    const folder = join(cwd, "avatars");
    const app = await startTestApp({
      env: { ...env, DATABASE_URL: url.replace("sqlite:", `sqlite:${cwd}/`), STORAGE_URL: `file:${folder}` },
    });
    const users = await app.database.em.fork().find(User, { avatar: { $ne: null } });
    expect(users.length).toBeGreaterThan(0);
    app.advance(2 * 86_400_000);
    await app.client.me();
    const used = users.map(({ avatar }) => avatar).sort();
    await vi.waitFor(() => expect(readdirSync(folder).sort()).toEqual(used), { timeout: 30_000 });
  },
);
