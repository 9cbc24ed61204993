import { execFile } from "node:child_process";
import { cpSync, globSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { newFolder } from "../support/server-process.js";

const root = join(import.meta.dirname, "../..");
const run = promisify(execFile);

/** A copy of the project whose users have a further column. */
function changedProject(): string {
  const folder = newFolder();
  for (const name of [
    "src",
    "scripts",
    "package.json",
    "tsconfig.json",
    "tsconfig.build.json",
    "biome.json",
    ".gitignore",
    "tests/support/start-postgres.ts",
  ]) {
    cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  const user = join(folder, "src/user/user.ts");
  const field = '  @Property({ type: "text", nullable: true })\n  level: string | null = null;\n}\n';
  writeFileSync(user, readFileSync(user, "utf8").replace(/\}\s*$/, field));
  return folder;
}

test("migrate:create drafts the migration of an entity for both databases, and the server finds it by itself", async () => {
  const cwd = changedProject();
  const create = (name: string) => run("npm", ["run", "-s", "migrate:create", "--", name], { cwd });
  await expect(create("Add Level")).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining("NAME") });

  const { stdout } = await create("add-level");
  const drafts = globSync("src/database/migrations/*/*-add-level.ts", { cwd });
  expect(drafts.map((file) => file.split("/").at(-2)).toSorted()).toEqual(["postgresql", "sqlite"]);
  for (const file of drafts) {
    expect(stdout).toContain(file);
    expect(readFileSync(join(cwd, file), "utf8")).toMatch(/export class AddLevel .*alter table .*users.* add .*level/s);
  }

  expect((await create("again")).stdout).toContain("nothing to migrate");
  expect(globSync("src/database/migrations/*/*-again.ts", { cwd })).toEqual([]);
  expect(readFileSync(join(cwd, "src/database/migrations/migrations.ts"), "utf8").match(/-add-level",/g)).toHaveLength(
    2,
  );
});
