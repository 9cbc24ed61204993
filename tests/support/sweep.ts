import { expect } from "vitest";
import { announceFile, UnusedFile } from "../../src/avatar/unused-file.js";
import { newFileName } from "../../src/storage/file-store.js";
import type { TestApp } from "./test-app.js";

const dayMs = 86_400_000;

/** Lets so much time pass that a sweep is due, and waits until it has cleared away all that it may: a file that is due last shows it. */
export async function sweep(app: TestApp, milliseconds = 61_000): Promise<void> {
  app.advance(milliseconds);
  const last = newFileName();
  const em = app.database.em.fork();
  await announceFile({ em, now: () => new Date(app.now().getTime() - dayMs - 1) }, last);
  await app.client.me();
  await expect.poll(() => em.count(UnusedFile, { name: last })).toBe(0);
}
