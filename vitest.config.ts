import { availableParallelism } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

/** Spares the many processes of a test run, and the next run, compiling the same modules. */
process.env["NODE_COMPILE_CACHE"] ??= join(import.meta.dirname, "node_modules/.cache/compiled");

/** vitest would load a second copy of graphql, which refuses the schema of the first. */
const alias = [{ find: /^graphql$/, replacement: "graphql/index.js" }];

/** Tests that look at files or start processes of their own, and so have no database to be run on. */
const once = ["tests/*.test.ts", "tests/process/**/*.test.ts"];

/** Tests of what no database can change: WeChat's answers, images and how requests are written. They run on SQLite alone. */
const onAnyDatabase = [
  "tests/wechat/**",
  "tests/avatar/{bad-images,good-images,image-structure,image-worker,fair-queue,disk-store,s3-store,storage-url}.test.ts",
  "tests/http/{audits,client-address,headers,query-limits,request-log,requests,unread-body}.test.ts",
  "tests/auth/{forged-token,token-spelling}.test.ts",
  "tests/limits/settings.test.ts",
  "tests/user/update-profile-input.test.ts",
  "tests/miniprogram/client/**",
];

/** Tests that look at pages: the explorer, and the example mini-program. */
const pages = ["tests/browser/**/*.test.ts", "tests/miniprogram/{example,runner}/**/*.test.ts"];

const everywhere = (database: "sqlite" | "postgresql") => ({
  resolve: { alias },
  test: {
    name: database,
    include: ["tests/**/*.test.ts"],
    exclude: [...once, ...pages, "tests/after/**", ...(database === "postgresql" ? onAnyDatabase : [])],
    env: { TEST_DATABASE: database },
    setupFiles: "tests/support/close-apps.ts",
    // Loading the server takes longer than most files' tests, so the files of a worker share its modules.
    isolate: false,
    expect: { poll: { timeout: 10_000 } },
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
          include: once,
          setupFiles: ["tests/support/close-apps.ts", "tests/support/stop-servers.ts"],
          isolate: false,
          testTimeout: 90_000,
          hookTimeout: 90_000,
          maxConcurrency: 3,
          sequence: { concurrent: true, groupOrder: 0 },
        },
      },
      {
        resolve: { alias },
        test: {
          name: "browser",
          include: pages,
          setupFiles: [
            "tests/support/close-apps.ts",
            "tests/support/close-browser.ts",
            "tests/miniprogram/support/put-phones-away.ts",
          ],
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      // Reads what all the others logged, so it runs when they are done.
      {
        resolve: { alias },
        test: { name: "after", include: ["tests/after/**/*.test.ts"], sequence: { groupOrder: 1 } },
      },
    ],
  },
});
