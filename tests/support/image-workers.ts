import type { ChildProcess } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";

const started: ChildProcess[] = [];

subscribe("child_process", (message) => {
  started.push(Object(message).process);
});

/** The processes that decode images for the apps of this test file, in the order of their start. */
export function imageWorkers(): ChildProcess[] {
  return started.filter(
    ({ spawnargs, exitCode, signalCode }) =>
      exitCode === null && signalCode === null && spawnargs?.some((arg) => arg.includes("image-worker")),
  );
}

/** Sends the process a signal as soon as it has begun with its next image; resolves then. */
export function onceBegun(worker: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  return new Promise((resolve) => {
    worker?.once("message", () => resolve(void worker.kill(signal)));
  });
}
