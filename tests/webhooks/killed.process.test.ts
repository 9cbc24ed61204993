import { test } from "vitest";
import { newDatabase } from "../support/database.js";
import { startReceiver } from "../support/receiver.js";
import { newFolder, startServer } from "../support/server-process.js";
import { startTestApp } from "../support/test-app.js";

test.for(["sqlite", "postgresql"] as const)(
  "kill -9 while an event is under way loses none, on %s",
  async (driver, { expect }) => {
    const receiver = await startReceiver();
    receiver.answer(() => {});
    const env = { ...receiver.env, DATABASE_URL: await newDatabase(driver), NODE_ENV: "test" };
    const { client, child, exited } = await startServer(env, newFolder());
    const { user } = await client.signedIn("alice");
    await expect.poll(() => receiver.all.length).toBe(1);
    child.kill("SIGKILL");
    await exited;

    receiver.answer();
    const app = await startTestApp({ env });
    // What the dead process has claimed is nobody's after a minute.
    app.advance(61_000);
    await app.client.me();
    await expect
      .poll(() => receiver.told(user.id).map(([type]) => type))
      .toEqual(["user.created", "user.created", "session.created"]);
    expect(receiver.all[1]).toEqual(receiver.all[0]);
  },
);
