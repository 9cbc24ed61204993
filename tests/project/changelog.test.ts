import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

/*
 * CHANGELOG.md is written by changesets: a note of each change lies in .changeset/ until `npm run release` makes a version of them.
 */

const root = join(import.meta.dirname, "../..");
const read = (file: string) => readFileSync(join(root, file), "utf8");
const { version, name }: { version: string; name: string } = JSON.parse(read("package.json"));
const [intro = "", ...entries] = read("CHANGELOG.md").split(/^## /m);

test("the changelog begins with the version that package.json has", () => {
  expect(intro).toMatch(/^# Changelog\n/);
  expect(entries[0]?.split("\n")[0]).toBe(version);
});

test.each(entries)("an entry of the changelog has the form that changesets write: %s", (entry) => {
  const [head, ...rest] = entry.trimEnd().split(/\n\n### /);
  expect(head).toMatch(/^\d+\.\d+\.\d+$/);
  expect(rest.length).toBeGreaterThan(0);
  for (const part of rest)
    expect(part).toMatch(/^(Major|Minor|Patch) Changes\n(\n- .+(\n {2}.*)*)(\n- .+(\n {2}.*)*)*$/);
});

test("what isn't released yet is a changeset that says how much it changes, and what", () => {
  const notes = globSync(".changeset/*.md", { cwd: root }).filter((file) => !file.endsWith("README.md"));
  const wrong = notes.filter(
    (file) => !new RegExp(`^---\n"${name}": (major|minor|patch)\n---\n\n\\S`).test(read(file)),
  );
  expect(wrong).toEqual([]);
  expect(JSON.parse(read(".changeset/config.json"))).toMatchObject({ privatePackages: { version: true } });
});
