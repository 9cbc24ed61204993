import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { newFolder } from "../support/server-process.js";

const root = join(import.meta.dirname, "../..");

test("a changeset becomes the newest entry of the changelog, and the version of package.json and its lock file", () => {
  const cwd = newFolder();
  for (const file of [
    "package.json",
    "package-lock.json",
    "CHANGELOG.md",
    ".changeset",
    "biome.json",
    "scripts",
    "miniprogram/client/package.json",
  ]) {
    cpSync(join(root, file), join(cwd, file), { recursive: true });
  }
  const read = (file: string) => readFileSync(join(cwd, file), "utf8");
  const { version: before }: { version: string } = JSON.parse(read("package.json"));
  const [intro = "", ...entries] = read("CHANGELOG.md").split(/^## /m);
  writeFileSync(join(cwd, ".changeset/a-note.md"), '---\n"wxpass": minor\n---\n\nPeople can whistle.\n');
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b.c", ...args], { cwd });
  git("init", "--quiet", "--initial-branch=main");
  git("add", ".");
  git("commit", "--quiet", "--message=a");

  const PATH = `${join(root, "node_modules/.bin")}:${process.env["PATH"]}`;
  execFileSync("npm", ["run", "release"], {
    cwd,
    env: { ...process.env, PATH, npm_config_audit: "false" },
    stdio: "pipe",
  });

  const [major, minor = 0] = before.split(".").map(Number);
  const next = `${major}.${minor + 1}.0`;
  const [newIntro, newest, ...older] = read("CHANGELOG.md").split(/^## /m);
  expect(newIntro).toBe(intro);
  expect(newest).toMatch(new RegExp(`^${next}\n\n### Minor Changes\n\n- [^\n]*People can whistle\\.\n\n$`));
  expect(older).toEqual(entries);
  for (const file of ["package.json", "miniprogram/client/package.json"])
    expect(JSON.parse(read(file)).version).toBe(next);
  const lock = JSON.parse(read("package-lock.json"));
  const lockBefore = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  expect([lock.version, lock.packages[""].version]).toEqual([next, next]);
  expect(Object.keys(lock.packages)).toEqual(Object.keys(lockBefore.packages));
});
