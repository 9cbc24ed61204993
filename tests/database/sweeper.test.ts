import { v7 as uuidv7 } from "uuid";
import { expect, test } from "vitest";
import { Session } from "../../src/auth/session.js";
import { announceFile, UnusedFile } from "../../src/avatar/unused-file.js";
import { newFileName } from "../../src/storage/file-store.js";
import { firstApp } from "../support/client.js";
import { driver } from "../support/database.js";
import { startS3Server } from "../support/s3-server.js";
import { startTestApp } from "../support/test-app.js";

const dayMs = 86_400_000;

test("where a sweep leaves some over, the next ones follow at once, and not only a minute later", async () => {
  const app = await startTestApp();
  const { user, token } = await app.client.signedIn("alice");
  const at = new Date(app.now().getTime() - 1);
  const dead = {
    appId: firstApp,
    device: null,
    generation: 0,
    keyId: "AAAAAAAA",
    keyChangedAt: null,
    accessKeyId: "AAAAAAAA",
  };
  const times = { createdAt: at, lastUsedAt: at, expiresAt: at };
  const em = app.database.em.fork();
  const rows = Array.from({ length: 1_100 }, () => ({ id: uuidv7(), user: user.id, ...dead, ...times }));
  await em.insertMany(Session, rows);
  app.advance(61_000);
  await expect
    .poll(async () => {
      await app.client.me(token);
      return em.count(Session, { keyId: dead.keyId });
    })
    .toBe(0);
});

test("a sweep that takes long is followed by the next when it is done, and a server that stops lets it finish", async () => {
  const s3 = await startS3Server(`sweeps-${driver}`);
  const [reached, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let removals = 0;
  const app = await startTestApp({
    env: { STORAGE_URL: s3.storageUrl },
    async fetch(input, init) {
      if (init?.method === "DELETE") {
        removals++;
        reached.resolve();
        await released.promise;
      }
      return fetch(input, init);
    },
  });
  const name = newFileName();
  await announceFile({ em: app.database.em.fork(), now: () => new Date(app.now().getTime() - 2 * dayMs) }, name);
  app.advance(61_000);
  await app.client.me();
  await reached.promise;
  app.advance(61_000);
  for (let request = 0; request < 20; request++) await app.client.me();
  expect(removals).toBe(1);
  let isClosed = false;
  const closing = app.close().then(() => {
    isClosed = true;
  });
  await expect.poll(() => fetch(`${app.url}/livez`).catch(() => "refused")).toBe("refused");
  expect(isClosed).toBe(false);
  released.resolve();
  await closing;
  const swept = ["cleared away", "clearing away failed"];
  await expect
    .poll(() => app.logged.filter(({ what, msg }) => what === "unused avatars" && swept.includes(msg)))
    .toHaveLength(1);
  expect(app.logged.findLast(({ what }) => what === "unused avatars")?.msg).toBe("cleared away");
  const again = await startTestApp({ env: { DATABASE_URL: app.databaseUrl } });
  expect(await again.database.em.fork().count(UnusedFile, { name })).toBe(0);
});
