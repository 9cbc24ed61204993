import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { settingNames } from "../src/config.js";
import { errorKinds } from "../src/errors.js";

const root = join(import.meta.dirname, "..");
const read = (file: string) => readFileSync(join(root, file), "utf8");

/** The first column of the table under a heading, of the rows whose first cell is code. */
function namesInTable(markdown: string, heading: RegExp): string[] {
  const section = markdown.split(/^## /m).find((part) => heading.test(part)) ?? "";
  return [...section.matchAll(/^\| `([A-Z_]+)`/gm)].map((match) => match[1] ?? "");
}

test.each([
  ["README.md", /^Settings/, /^Errors/],
  ["README.zh-CN.md", /^配置/, /^错误码/],
])("the tables of %s name the settings and error codes that the code has", (file, settings, errors) => {
  const readme = read(file);
  expect(namesInTable(readme, settings).sort()).toEqual([...settingNames].sort());
  const codes = [...readme.matchAll(/^\| `([A-Z_]+)` \|.*\| `(NEW_CODE|LATER|NEVER)` \|$/gm)].map((m) => [m[1], m[2]]);
  expect(new Map(codes.map(([code, retry]) => [code ?? "", retry]))).toEqual(
    new Map(Object.entries(errorKinds).map(([code, { retry }]) => [code, retry])),
  );
  expect(namesInTable(readme, errors).sort()).toEqual(Object.keys(errorKinds).sort());
});

test.each(["README.md", "README.zh-CN.md"])("every npm command in %s exists", (file) => {
  const scripts: Record<string, string> = JSON.parse(read("package.json")).scripts;
  const commands = [...read(file).matchAll(/npm run ([a-z:]+)/g)].map((match) => match[1] ?? "");
  expect(commands.length).toBeGreaterThan(3);
  expect(commands.filter((command) => !(command in scripts))).toEqual([]);
});

test(".env.example names every setting once", () => {
  const names = [...read(".env.example").matchAll(/^# ?([A-Z_]+)=/gm)].map((match) => match[1] ?? "");
  expect(names.sort()).toEqual([...settingNames].sort());
});
