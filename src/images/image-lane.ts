import { AppError } from "../errors.js";
import { createFairQueue } from "./fair-queue.js";
import { startWorkerProcess, WorkerError, type WorkerProcess } from "./worker-process.js";
import type { ImageResult } from "./worker-protocol.js";

/** What images may take, whatever a decoder does. */
export interface ImageLimits {
  /** Milliseconds for an image. */
  imageTimeoutMs: number;
  /** Milliseconds to wait for others' images. */
  waitTimeoutMs: number;
  /** Bytes of memory for a process and its image. */
  maxResidentBytes: number;
}

/** A queue of images and the process that does them, one at a time. */
export interface ImageLane {
  /**
   * Has an image done when it is the user's turn.
   * @throws WorkerError if the process failed at it; others' images are done by a new one. AppError `RATE_LIMITED` if
   *   the turn doesn't come in time; `INTERNAL_SERVER_ERROR` after the lane was closed
   */
  run(userId: string, file: Uint8Array): Promise<ImageResult>;
  close(): void;
}

/** How often an image is handed to a process: one that ended before it had begun did so for reasons of its own. */
const maxAttempts = 2;

/** A lane whose process is started with the first image, and anew when it has ended. */
export function createImageLane(limits: ImageLimits, { allowHeavy }: { allowHeavy: boolean }): ImageLane {
  const { imageTimeoutMs, waitTimeoutMs, maxResidentBytes } = limits;
  const queue = createFairQueue(waitTimeoutMs);
  let worker: WorkerProcess | undefined;
  let isClosed = false;

  async function attempt(file: Uint8Array, attemptsLeft: number): Promise<ImageResult> {
    if (isClosed) throw new AppError("INTERNAL_SERVER_ERROR");
    worker ??= startWorkerProcess(imageTimeoutMs);
    try {
      return await worker.run({ file, allowHeavy, maxResidentBytes });
    } catch (error) {
      worker.end();
      worker = undefined;
      const mayTryAgain = error instanceof WorkerError && !error.hasBegun && attemptsLeft > 1;
      if (!mayTryAgain) throw error;
      return attempt(file, attemptsLeft - 1);
    }
  }

  return {
    run: (userId, file) => queue.run(userId, () => attempt(file, maxAttempts)),
    close() {
      isClosed = true;
      worker?.end();
    },
  };
}
