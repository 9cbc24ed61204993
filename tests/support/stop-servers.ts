import { afterAll } from "vitest";
import { stopServers } from "./server-process.js";

// Runs for each test file, though the files share their modules.
afterAll(stopServers);
