import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Command } from "commander";
import { expect, test } from "vitest";
import { createProgram } from "../../src/admin/cli/program.js";
import { createTerminal } from "../../src/admin/cli/terminal.js";
import { errorKinds } from "../../src/errors.js";
import { settingNames } from "../../src/settings/settings.js";

const root = join(import.meta.dirname, "../..");
const read = (file: string) => readFileSync(join(root, file), "utf8");

/** The first column of a table, of the rows whose first cell is code. */
const namesInTable = (markdown: string) => [...markdown.matchAll(/^\| `([A-Z_]+)`/gm)].map((match) => match[1] ?? "");

test.each(["docs/settings.md", "docs/settings.zh-CN.md"])(
  "the table of %s names the settings that the code has",
  (file) => {
    expect(namesInTable(read(file)).sort()).toEqual([...settingNames].sort());
  },
);

test.each(["docs/errors.md", "docs/errors.zh-CN.md"])(
  "the table of %s has the codes and retries that the code has",
  (file) => {
    const rows = [...read(file).matchAll(/^\| `([A-Z_]+)` \|[^|]*\| `(NEW_CODE|LATER|NEVER)` \|/gm)];
    const codes = new Map(rows.map(([, code = "", retry]) => [code, retry]));
    for (const [code, { retry }] of Object.entries(errorKinds)) expect(codes.get(code), code).toBe(retry);
  },
);

const fronts = ["README", "CONTRIBUTING", "SECURITY"].flatMap((name) => [`${name}.md`, `${name}.zh-CN.md`]);
const pages = [...fronts, ...globSync("docs/**/*.md", { cwd: root })];

const scripts: Record<string, string> = JSON.parse(read("package.json")).scripts;

/** The operator's commands, by name. */
const commands = new Map(
  createProgram(
    createTerminal(
      { input: process.stdin, output: process.stdout, errors: process.stderr },
      { env: {}, now: () => new Date(), fetch },
    ),
  ).commands.map((command): [string, Command] => [command.name(), command]),
);

/** What else is written in capitals and code: error codes, what a client does next, enum values, and what isn't ours. */
const otherNames = new Set([
  ...Object.keys(errorKinds),
  ...["NEW_CODE", "LATER", "NEVER", "MALE", "FEMALE"],
  ...["HS256", "RS256", "ES256"],
  ...["GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "BAD_REQUEST"],
  ...["NETWORK_ERROR", "TIMEOUT", "INTERRUPTED", "BAD_RESPONSE", "LOGIN_FAILED"],
  ...["GET", "POST", "PATCH", "SIGTERM", "SIGINT", "EBADENGINE", "NAME", "TOKEN"],
  ...["LC_ALL", "LC_MESSAGES", "LANG"],
]);

test("there are pages to look at, and commands", () => {
  expect(pages.length).toBeGreaterThan(10);
  expect([...read("README.md").matchAll(/npm (?:run )?([a-z:]+)/g)].length).toBeGreaterThan(3);
  expect(commands.size).toBeGreaterThan(5);
});

test.each(pages)("every npm command in %s exists", (file) => {
  const named = [...read(file).matchAll(/npm run (?:-s )?([a-z:]+)/g)].map((match) => match[1] ?? "");
  expect(named.filter((command) => !(command in scripts))).toEqual([]);
});

test.each(pages)("every operator's command in %s exists, with its options", (file) => {
  const unknown = [
    ...read(file).matchAll(
      /(?:npm run (?:-s )?admin --|dist\/admin\.js|(?:dist\/main\.js|wxpass) admin) ([a-z-]+)([^#`\n]*)/g,
    ),
  ].flatMap(([, name = "", rest = ""]) => {
    const command = commands.get(name);
    const options = rest.match(/--[a-z-]+/g) ?? [];
    if (!command) return [name];
    return options.filter((option) => !command.options.some(({ long }) => long === option));
  });
  expect(unknown).toEqual([]);
});

test.each(pages)("%s names no command for production that needs development packages", (file) => {
  expect(read(file)).not.toMatch(/npm run (?:-s )?(?:admin|migrate)(?![:a-z])/);
});

test.each(pages)("every setting in %s exists", (file) => {
  const names = [...read(file).matchAll(/`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)(?:=[^`]*)?`|^([A-Z][A-Z0-9_]+)=/gm)].map(
    ([, quoted, assigned]) => quoted ?? assigned ?? "",
  );
  expect(names.filter((name) => !settingNames.includes(name) && !otherNames.has(name))).toEqual([]);
});

test.each(pages)("every file and picture of ours to which %s points is there", (file) => {
  const links = [...read(file).matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)|<img src="([^"]+)"/g)].map(
    ([, link, picture]) => link ?? picture ?? "",
  );
  expect(links.filter((link) => !existsSync(join(root, dirname(file), link)))).toEqual([]);
});

/** What GitHub makes of a heading in an address. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");

test.each(pages)("every section of %s to which it points is there", (file) => {
  const anchors = [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => anchorOf(heading));
  const links = [...read(file).matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor = ""]) => anchor);
  expect(links.filter((link) => !anchors.includes(link))).toEqual([]);
});

test.each(pages.filter((file) => !file.includes("zh-CN") && !file.includes("decisions")))(
  "%s is there in Chinese too, and each leads to the other",
  (file) => {
    const chinese = file.replace(".md", ".zh-CN.md");
    expect(read(file)).toContain(`](${chinese.split("/").at(-1)})`);
    expect(read(chinese)).toContain(`](${file.split("/").at(-1)})`);
  },
);

test(".env.example names every setting once", () => {
  const names = [...read(".env.example").matchAll(/^# ?([A-Z_]+)=/gm)].map((match) => match[1] ?? "");
  expect(names.sort()).toEqual([...settingNames].sort());
});

test.each(["docs/extending.md", "docs/extending.zh-CN.md"])(
  "the code of %s is that of the example, which is tested",
  (file) => {
    const blocks = [...read(file).matchAll(/```ts\n\/\/ (\S+)\n(.*?)\n```/gs)];
    expect(blocks.length).toBeGreaterThan(6);
    for (const [, name = "", code = ""] of blocks) expect(read(join("examples/shop", name)), name).toContain(code);
  },
);
