import { afterAll } from "vitest";
import { closeBrowser } from "./browser.js";

// Runs for each test file, though the files share their modules.
afterAll(closeBrowser);
