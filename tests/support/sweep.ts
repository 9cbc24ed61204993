import { expect } from "vitest";
import type { TestApp } from "./test-app.js";

/** Lets so much time pass that a sweep is due, and waits until one that began after that has cleared away all that it may. */
export async function sweep(app: TestApp, milliseconds = 61_000): Promise<void> {
  app.advance(milliseconds);
  const dueAt = app.now().getTime();
  const isSwept = ({ msg, begunAt }: TestApp["logged"][number]) =>
    msg === "everything was swept" && Date.parse(String(begunAt)) >= dueAt;
  await app.client.me();
  await expect.poll(() => app.logged.some(isSwept)).toBe(true);
}
