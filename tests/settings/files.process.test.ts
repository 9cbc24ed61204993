import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { newFolder, productionEnv, spawnServer, startServer } from "../support/server-process.js";

const root = join(import.meta.dirname, "../..");
const entry = join(root, "dist/main.js");
const modeOf = (path: string) => statSync(path).mode & 0o777;

test("the data is for nobody else to read, also what was there before", async () => {
  const folder = newFolder();
  mkdirSync(join(folder, "data"), { mode: 0o755 });
  const database = join(folder, "data/wxpass.db");
  const first = await startServer({}, folder);
  await first.client.signedIn("alice");
  const files = ["", "-wal", "-shm"].map((end) => database + end);
  expect(files.map(modeOf)).toEqual([0o600, 0o600, 0o600]);
  expect(modeOf(join(folder, "data"))).toBe(0o700);

  first.child.kill("SIGKILL");
  await first.exited;
  for (const file of files) chmodSync(file, 0o644);
  chmodSync(join(folder, "data"), 0o755);
  await startServer({}, folder);
  expect(files.map(modeOf)).toEqual([0o600, 0o600, 0o600]);
  expect(modeOf(join(folder, "data"))).toBe(0o700);
});

test("--version and --help answer, and a word that isn't known is refused", async () => {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const folder = newFolder();
  const run = async (...words: string[]) => {
    const server = spawnServer({}, folder, [entry, ...words]);
    return [await server.exited, server.output()];
  };
  expect(await run("--version")).toEqual([0, `${version}\n`]);
  expect(await run("--help")).toEqual([0, expect.stringContaining("--version")]);
  expect(await run("admin", "--help")).toEqual([0, expect.stringContaining("Usage: admin")]);
  expect(await run("admin", "nothing")).toEqual([2, expect.stringContaining("unknown command")]);
  for (const words of [["migrat"], ["--verison"], ["migrate", "now"], ["serve\u001b[2J"]]) {
    expect(await run(...words)).toEqual([2, expect.not.stringContaining("\u001b")]);
  }
  expect(existsSync(join(folder, "data"))).toBe(false);
});

test("the greeting names the .env that was read, which a byte order mark doesn't spoil", async () => {
  const folder = newFolder();
  expect((await startServer({}, newFolder())).output()).toContain("no .env here");
  writeFileSync(join(folder, ".env"), "\ufeffEXPLORER=off\nLOG_LEVL=debug\n");
  const { output } = await startServer({}, folder);
  expect(output()).toContain(join(folder, ".env"));
  expect(output()).not.toContain("open it in a browser");
  expect(output()).toContain("is LOG_LEVEL meant?");
});

test("in production the log names it, and begins with the version", async () => {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const folder = newFolder();
  writeFileSync(join(folder, ".env"), "METRICS=on\n");
  const { output } = await startServer(productionEnv, folder);
  expect(JSON.parse(output().split("\n")[0] ?? "")).toMatchObject({ msg: "wxpass starts", version });
  expect(output()).toContain(`"settings":"${join(folder, ".env")}"`);
});

test.each([
  [
    "DATABASE_URL",
    (folder: string) => ({ DATABASE_URL: `sqlite:${folder}/file/wxpass.db` }),
    /file\/wxpass\.db.*(?:EEXIST|ENOTDIR)/,
  ],
  ["DATABASE_URL", (folder: string) => ({ DATABASE_URL: `sqlite:${folder}/file` }), /\/file.*not a database/],
  ["STORAGE_URL", (folder: string) => ({ STORAGE_URL: `file:${folder}/file` }), /\/file.*EEXIST/],
  ["HOST, PORT", () => ({ HOST: "203.0.113.1", NODE_ENV: "development" }), /EADDRNOTAVAIL/],
])("what can't be opened ends the start with a message that names %s", async (name, envOf, words) => {
  const folder = newFolder();
  writeFileSync(
    join(folder, "file"),
    "something else that is no database but long enough to have a head of a hundred bytes, and more",
  );
  const server = spawnServer(envOf(folder), folder);
  expect(await server.exited).toBe(1);
  expect(server.output()).toContain(name);
  expect(server.output()).toMatch(words);
});
