import { afterAll, afterEach, expect } from "vitest";
import { closePhones, takeFaults } from "./mini-program.js";

// Runs for each test file, though the files share their modules.
afterEach(() => {
  expect(takeFaults()).toEqual([]);
});

afterAll(closePhones);
