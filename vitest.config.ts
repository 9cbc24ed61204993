import { availableParallelism } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

/** Spares the many processes of a test run, and the next run, compiling the same modules. */
process.env["NODE_COMPILE_CACHE"] ??= join(import.meta.dirname, "node_modules/.cache/compiled");

/** vitest would load a second copy of graphql, which refuses the schema of the first. */
const alias = [
  { find: /^graphql$/, replacement: "graphql/index.js" },
  // The examples import the package.
  { find: /^wxpass$/, replacement: join(import.meta.dirname, "src/library/index.ts") },
  { find: /^wxpass\/(.+)$/, replacement: join(import.meta.dirname, "src/library/$1.ts") },
];

/*
 * Where a test runs is told by its name and its folder:
 *   NAME.test.ts          on both databases
 *   NAME.sqlite.test.ts   on SQLite alone, since no database can change what it is about
 *   NAME.process.test.ts  once, with processes of its own
 *   NAME.browser.test.ts  once, and looks at pages
 *   project/              once, about the project's own files
 *   after/                when all others are done, about what they logged
 *   long/                 only in `npm run test:long`
 */
const processes = "tests/**/*.process.test.ts";
const pages = "tests/**/*.browser.test.ts";
const onSqlite = "tests/**/*.sqlite.test.ts";
const files = "tests/project/**/*.test.ts";
const after = "tests/after/**/*.test.ts";
const long = "tests/long/**/*.test.ts";

/** Long enough for a machine that is busy with the other tests. */
const expect = { poll: { timeout: 20_000 } };

const everywhere = (database: "sqlite" | "postgresql") => ({
  resolve: { alias },
  test: {
    name: database,
    include: ["tests/**/*.test.ts", "examples/**/*.test.ts"],
    exclude: [processes, pages, files, after, long, ...(database === "postgresql" ? [onSqlite] : [])],
    env: { TEST_DATABASE: database },
    setupFiles: "tests/support/close-apps.ts",
    // Loading the server takes longer than most files' tests, so the files of a worker share its modules.
    isolate: false,
    expect,
    sequence: { groupOrder: 0 },
  },
});

export default defineConfig({
  test: {
    globalSetup: "tests/support/global-setup.ts",
    maxWorkers: availableParallelism() + 1,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      everywhere("sqlite"),
      everywhere("postgresql"),
      // Starts dozens of processes: they take long where others have the processor, and mostly wait.
      {
        resolve: { alias },
        test: {
          name: "once",
          include: [files, processes],
          setupFiles: ["tests/support/close-apps.ts", "tests/support/stop-servers.ts"],
          isolate: false,
          testTimeout: 90_000,
          hookTimeout: 90_000,
          expect,
          maxConcurrency: 3,
          sequence: { concurrent: true, groupOrder: 0 },
        },
      },
      {
        resolve: { alias },
        test: {
          name: "browser",
          include: [pages],
          setupFiles: [
            "tests/support/close-apps.ts",
            "tests/support/close-browser.ts",
            "tests/miniprogram/support/put-phones-away.ts",
          ],
          isolate: false,
          testTimeout: 60_000,
          expect,
          sequence: { groupOrder: 0 },
        },
      },
      // Reads what all the others logged, so it runs when they are done.
      {
        resolve: { alias },
        test: { name: "after", include: [after], sequence: { groupOrder: 1 } },
      },
      {
        resolve: { alias },
        test: {
          name: "long",
          include: [long],
          setupFiles: ["tests/support/close-apps.ts", "tests/support/stop-servers.ts"],
          isolate: false,
          expect,
          testTimeout: 600_000,
          hookTimeout: 600_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
