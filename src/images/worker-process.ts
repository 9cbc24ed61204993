import { type ChildProcess, fork } from "node:child_process";
import { createRequire } from "node:module";
import { Socket } from "node:net";
import { type ImageResult, type ImageTask, workerMessage } from "./worker-protocol.js";

/** A process that does one image after the other. */
export interface WorkerProcess {
  /**
   * Has an image done, when the one before is.
   * @throws WorkerError if the process ended or took too long; then it is gone for good
   */
  run(task: ImageTask): Promise<ImageResult>;
  /** Ends the process, whatever it is doing. */
  end(): void;
}

/** A worker that failed at an image, or before it had begun with it: then the image isn't to blame. */
export class WorkerError extends Error {
  override readonly name = "WorkerError";
  readonly hasBegun: boolean;

  constructor(hasBegun: boolean, message: string) {
    super(message);
    this.hasBegun = hasBegun;
  }
}

/** In which a new process must have begun: a machine may be busy. */
const startTimeoutMs = 15_000;

/** How much of what the process wrote last an error shows. */
const maxLastCharacters = 1_000;

/** @param timeoutMs Milliseconds for an image, and as many for a process that has done one to begin with the next. */
export function startWorkerProcess(timeoutMs: number): WorkerProcess {
  const child = forkWorker();
  let job: Job | undefined;
  let beginTimeoutMs = startTimeoutMs;
  let endReason: string | undefined;

  child.on("message", (received) => {
    const message = workerMessage.safeParse(received);
    if (!message.success) job?.fail("it sent what makes no sense");
    else if ("begun" in message.data) job?.begin();
    else job?.resolve(message.data);
  });
  onEnd(child, (reason) => {
    endReason = reason;
    job?.fail(reason);
  });

  return {
    async run(task) {
      job = createJob(beginTimeoutMs, timeoutMs);
      if (endReason !== undefined) job.fail(endReason);
      // What can't be sent is no matter: the process has ended, and will say why.
      child.send(task, () => {});
      const result = await job.result;
      beginTimeoutMs = timeoutMs;
      return result;
    },
    end: () => void child.kill("SIGKILL"),
  };
}

/** An image in a worker's hands. */
interface Job {
  result: Promise<ImageResult>;
  begin(): void;
  resolve(result: ImageResult): void;
  fail(reason: string): void;
}

function createJob(beginTimeoutMs: number, timeoutMs: number): Job {
  const { promise, resolve, reject } = Promise.withResolvers<ImageResult>();
  let hasBegun = false;
  const fail = (reason: string) => reject(new WorkerError(hasBegun, `an image worker failed: ${reason}`));
  let timer = setTimeout(fail, beginTimeoutMs, "it did not begin");
  return {
    result: promise.finally(() => clearTimeout(timer)),
    begin() {
      hasBegun = true;
      clearTimeout(timer);
      timer = setTimeout(fail, timeoutMs, "it took too long");
    },
    resolve,
    fail,
  };
}

/** Tells why a process has ended, or could not be started: with its last words. */
function onEnd(child: ChildProcess, tell: (reason: string) => void): void {
  let lastWords = "";
  child.stderr?.on("data", (chunk) => {
    lastWords = `${lastWords}${chunk}`.slice(-maxLastCharacters);
  });
  child.on("error", (error) => tell(error.message));
  child.on("close", (code, signal) => tell(`it ended with ${signal ?? code}: ${lastWords.trim()}`));
}

/**
 * Starts the built script, which `package.json` names for the sources and for a bundle alike. It keeps no process alive,
 * and gets nothing of the environment, where the secrets are.
 */
function forkWorker(): ChildProcess {
  const script = createRequire(import.meta.url).resolve("#image-worker");
  const child = fork(script, [], {
    env: {},
    execArgv: [],
    serialization: "advanced",
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  child.unref();
  child.channel?.unref();
  if (child.stderr instanceof Socket) child.stderr.unref();
  return child;
}
