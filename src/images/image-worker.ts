import { constants, getPriority, setPriority } from "node:os";
import { encodeImage } from "./encode-image.js";
import type { ImageTask, WorkerMessage } from "./worker-protocol.js";

/*
 * A process of its own, so that whatever an image does to a decoder can be ended, and harms nobody else. It does one
 * image at a time, and ends itself when it isn't needed; the server starts another one.
 */

/** Between two looks at the memory: a decoder fills some 50 MB in it. */
const memoryIntervalMs = 20;

/** What the process may keep after an image. Decoders leave it in pieces, so that it would grow. */
const maxKeptBytes = 250_000_000;

/** After which the memory is given back, if no image comes. */
const idleTimeoutMs = 60_000;

/** Ends the process, a decoder at work included, for which an orderly exit would wait. */
const endAtOnce = () => process.kill(process.pid, "SIGKILL");

const endAbove = (maxBytes: number) => {
  if (process.memoryUsage.rss() > maxBytes) endAtOnce();
};

const tell = (message: WorkerMessage) => new Promise((resolve) => process.send?.(message, resolve));

async function work({ file, allowHeavy, maxResidentBytes }: ImageTask): Promise<void> {
  await tell({ begun: true });
  const watch = setInterval(endAbove, memoryIntervalMs, maxResidentBytes);
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  await tell(await encodeImage(bytes, allowHeavy));
  clearInterval(watch);
  endAbove(maxKeptBytes);
}

/** How much nicer than the server: others wait for that. Much nicer, and honest images would take too long on a busy machine. */
const niceness = 5;

setPriority(Math.min(getPriority() + niceness, constants.priority.PRIORITY_LOW));
let idle = setTimeout(endAtOnce, idleTimeoutMs);
process.on("message", async (task: ImageTask) => {
  clearTimeout(idle);
  await work(task);
  idle = setTimeout(endAtOnce, idleTimeoutMs);
});
process.on("disconnect", endAtOnce);
// A signal to the whole group, such as Ctrl-C, is for the server: it lets the uploads in hand finish, and then ends this process.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => {});
