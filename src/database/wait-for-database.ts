import { setTimeout } from "node:timers/promises";
import type { Logger } from "pino";
import { codeOf } from "../log.js";

/** What a server that isn't up yet answers, or whoever is there in its place: codes of the network, and of PostgreSQL. */
const comesLater = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ETIMEDOUT",
  "ENOENT",
  "53300",
  "57P01",
  "57P02",
  "57P03",
]);

const retryMs = 1_000;

/** Between two lines of the log. */
const tellMs = 5_000;

/**
 * Tries to connect until the database is there, for so many seconds; 0 is for ever. What time won't cure, such as a wrong password,
 * it leaves to whoever uses the connection next, and so the last fault when the time is over.
 * @param connect undefined, or why there is no connection
 */
export async function waitForDatabase(connect: () => Promise<unknown>, seconds: number, log: Logger): Promise<void> {
  const startedAt = performance.now();
  const waitedMs = () => performance.now() - startedAt;
  let toldMs = -tellMs;
  for (;;) {
    const fault = codeOf(await connect());
    if (fault === undefined || !comesLater.has(fault)) return;
    if (seconds > 0 && waitedMs() >= seconds * 1_000) return;
    if (waitedMs() - toldMs >= tellMs) {
      toldMs = waitedMs();
      log.warn({ fault, waitedSeconds: Math.round(toldMs / 1_000) }, "waiting for the database");
    }
    await setTimeout(retryMs);
  }
}

/** Whether an error only says that the database isn't there: then its stack tells nothing more. */
export const isAbsence = (error: unknown): boolean => comesLater.has(codeOf(error) ?? "");
