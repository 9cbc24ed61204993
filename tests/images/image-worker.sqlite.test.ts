import { readdirSync } from "node:fs";
import { getPriority } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { expect, inject, onTestFinished, test } from "vitest";
import { createImageNormalizer } from "../../src/images/normalize-image.js";
import { imageWorkers, onceBegun } from "../support/image-workers.js";
import { jpegOfScans, plain } from "../support/images.js";
import { startTestApp } from "../support/test-app.js";
import { upload } from "../support/upload.js";

const small = await plain("red").png().toBuffer();

/** Images for the slow lane: one that takes no time, and one that keeps a decoder busy for a while. */
const large = await plain("blue", 1_500).png().toBuffer();
const heavy = jpegOfScans(100, 2_992);

const givenUp = {
  outcome: "BAD_USER_INPUT",
  errors: [{ message: "图片已损坏，或处理时间过长", extensions: { field: "file" } }],
};

/** An app with its two workers, and a folder for its avatars. */
async function startWithWorkers() {
  const folder = join(inject("folder"), `worker-${process.pid}-${Math.random()}`);
  const app = await startTestApp({ env: { STORAGE_URL: `file:${folder}` } });
  const before = imageWorkers();
  const people = await Promise.all(["alice", "bob", "carol"].map((name) => app.client.signedIn(name)));
  const [alice = "", bob = "", carol = ""] = people.map(({ token }) => token);
  expect((await upload(app, carol, large)).outcome).toBe("ok");
  const [quick, slow] = imageWorkers().filter((worker) => !before.includes(worker));
  return { app, alice, bob, carol, quick, slow, files: () => readdirSync(folder).length };
}

test("while a large image hangs and others wait, a small one is done", async () => {
  const { app, alice, bob, carol, slow } = await startWithWorkers();
  const hanging = onceBegun(slow, "SIGSTOP");
  const answers = [upload(app, alice, heavy), upload(app, bob, heavy)];
  await hanging;
  expect((await upload(app, carol, small)).outcome).toBe("ok");
  slow?.kill("SIGKILL");
  expect((await Promise.all(answers)).map(({ outcome }) => outcome).sort()).toEqual(["BAD_USER_INPUT", "ok"]);
});

test.each(["SIGKILL", "SIGSEGV"] as const)(
  "a decoder that ends with %s costs its own upload and no other",
  async (signal) => {
    const { app, alice, bob, slow, files } = await startWithWorkers();
    void onceBegun(slow, signal);
    const answers = await Promise.all([upload(app, alice, heavy), upload(app, bob, heavy)]);
    expect(answers.map(({ outcome }) => outcome).sort()).toEqual(["BAD_USER_INPUT", "ok"]);
    expect(answers.find(({ outcome }) => outcome !== "ok")).toMatchObject(givenUp);
    expect(files()).toBe(2);
    const line = app.logged.find(({ msg }) => msg === "an image was given up");
    expect(line).toMatchObject({
      level: 40,
      requestId: expect.any(String),
      error: { message: expect.stringContaining(signal) },
    });
  },
);

test("a worker that was ended while it had nothing to do costs nobody anything", async () => {
  const { app, alice, quick, slow } = await startWithWorkers();
  quick?.kill("SIGKILL");
  slow?.kill("SIGSTOP");
  slow?.kill("SIGKILL");
  expect((await upload(app, alice, large)).outcome).toBe("ok");
});

test("a worker that can't be started is an error of the server's, which is logged and passes", async () => {
  const app = await startTestApp();
  const { token } = await app.client.signedIn("alice");
  const { execPath } = process;
  onTestFinished(() => {
    process.execPath = execPath;
  });
  for (const [path, reason] of [
    ["/nowhere/node", /ENOENT/],
    ["/bin/false", /ended with 1/],
  ] as const) {
    process.execPath = path;
    const { status, outcome } = await upload(app, token, small);
    expect({ status, outcome }).toEqual({ status: 200, outcome: "INTERNAL_SERVER_ERROR" });
    const line = app.logged.findLast(({ msg }) => msg === "unexpected error");
    expect(line).toMatchObject({ error: { type: "WorkerError", message: expect.stringMatching(reason) } });
  }
  process.execPath = execPath;
  expect((await upload(app, token, small)).outcome).toBe("ok");
});

/** Makes avatars with limits of the test's own. */
function normalizerWith(limits: { imageTimeoutMs: number; maxResidentBytes: number }) {
  const images = createImageNormalizer({ waitTimeoutMs: 60_000, ...limits });
  onTestFinished(() => images.close());
  const owner = { userId: "alice", log: pino({ level: "silent" }) };
  return (file: Buffer) => images.normalize(file, owner);
}

test("a decoder that hangs is ended when its time is up, and the next image is done", async () => {
  const normalize = normalizerWith({ imageTimeoutMs: 3_000, maxResidentBytes: 1e9 });
  await normalize(small);
  const worker = imageWorkers().at(-1);
  void onceBegun(worker, "SIGSTOP");
  const [hanging, next] = await Promise.allSettled([normalize(small), normalize(small)]);
  expect(hanging).toMatchObject({ status: "rejected", reason: { code: "BAD_USER_INPUT", field: "file" } });
  expect(next.status).toBe("fulfilled");
  expect(worker?.signalCode).toBe("SIGKILL");
});

test("a decoder that takes too much memory is ended", async () => {
  const normalize = normalizerWith({ imageTimeoutMs: 30_000, maxResidentBytes: 1e6 });
  await expect(normalize(heavy)).rejects.toMatchObject({ code: "BAD_USER_INPUT", field: "file" });
});

test("workers end with their app, when the upload in hand is done", async () => {
  const { app, alice, quick, slow } = await startWithWorkers();
  const begun = onceBegun(slow, "SIGCONT");
  const answer = upload(app, alice, heavy);
  await begun;
  await app.close();
  expect((await answer).outcome).toBe("ok");
  await expect.poll(() => [quick?.signalCode, slow?.signalCode]).toEqual(["SIGKILL", "SIGKILL"]);
});

test("workers leave the processor to the server when both want it", async () => {
  const { quick } = await startWithWorkers();
  expect(getPriority(quick?.pid)).toBeGreaterThan(getPriority());
});
