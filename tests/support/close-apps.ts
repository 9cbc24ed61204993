import { afterAll } from "vitest";
import { closeApps } from "./test-app.js";

// Runs for each test file, though the files share their modules.
afterAll(closeApps);
