import { expect, test, vi } from "vitest";
import { plain } from "../support/images.js";
import { canSeeProcesses, imageWorkersOf, isAlive, readProcess } from "../support/processes.js";
import { newFolder, spawnServer, startServer } from "../support/server-process.js";
import { jwtSecret } from "../support/test-app.js";
import { upload } from "../support/upload.js";

const large = await plain("blue", 1_500).png().toBuffer();

/** A server that has made an avatar of a large image, for which it has started both of its workers. */
async function startWithWorkers() {
  const server = await startServer({ JWT_SECRET: jwtSecret }, newFolder());
  const { token } = await server.client.signedIn("alice");
  expect(imageWorkersOf(server.child.pid)).toEqual([]);
  expect((await upload(server, token, large)).outcome).toBe("ok");
  const workers = imageWorkersOf(server.child.pid);
  expect(workers).toHaveLength(2);
  return { server, token, workers };
}

const gone = (workers: number[]) => vi.waitFor(() => expect(workers.filter(isAlive)).toEqual([]), 10_000);

test.runIf(canSeeProcesses)("workers know none of the server's secrets", async () => {
  const { server, workers } = await startWithWorkers();
  expect(readProcess(server.child.pid ?? 0, "environ")).toContain(jwtSecret);
  for (const pid of workers) expect(readProcess(pid, "environ")).not.toContain(jwtSecret);
});

test.runIf(canSeeProcesses)(
  "a signal to the whole group leaves the workers to the server, which ends them when it is done",
  async () => {
    const { server, token, workers } = await startWithWorkers();
    for (const pid of workers) {
      process.kill(pid, "SIGINT");
      process.kill(pid, "SIGTERM");
    }
    expect((await upload(server, token, large)).outcome).toBe("ok");
    expect(imageWorkersOf(server.child.pid)).toEqual(workers);
    server.child.kill("SIGTERM");
    expect(await server.exited).toBe(0);
    await gone(workers);
  },
);

test.runIf(canSeeProcesses)("workers end with a server that is killed", async () => {
  const { server, workers } = await startWithWorkers();
  server.child.kill("SIGKILL");
  await server.exited;
  await gone(workers);
});

test("an idle worker keeps no process alive", async () => {
  const program = `
    setTimeout(() => process.exit(9), 30_000).unref();
    const { createImageNormalizer } = await import("${new URL("../../build/images/normalize-image.js", import.meta.url)}");
    const image = Buffer.from("${large.toString("base64")}", "base64");
    const avatar = await createImageNormalizer().normalize(image, { userId: "alice" });
    process.stdout.write("made an avatar of " + (avatar.length > 0));
  `;
  const script = spawnServer({}, newFolder(), ["--input-type=module", "--eval", program]);
  expect(await script.exited).toBe(0);
  expect(script.output()).toBe("made an avatar of true");
});
