import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { beforeAll, describe, expect, test } from "vitest";
import { createClient } from "../support/client.js";
import { newFolder, startServer } from "../support/server-process.js";

/* The packages as npm packs them, installed into empty folders. It needs npm's registry or its cache, and takes minutes. */

const root = join(import.meta.dirname, "../..");
const read = (file: string) => readFileSync(file, "utf8");

/** Runs a program to its end and returns what it prints. */
async function run(command: string, args: string[], cwd: string): Promise<string> {
  const kept = Object.entries(process.env).filter(([name]) => !/^(npm_|vitest|vite|test)/i.test(name));
  const env = { ...Object.fromEntries(kept), npm_config_prefer_offline: "true", npm_config_audit: "false" };
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const [output, errors, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${errors}${output}`);
  return output;
}

/** The tracked files with the installed packages, so that packing builds nothing where others test. */
function copyOfProject(): string {
  const folder = newFolder();
  const listed = String(
    execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: root }),
  );
  for (const file of listed.split("\0").filter((name) => name !== "" && existsSync(join(root, name)))) {
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    cpSync(join(root, file), join(folder, file));
  }
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  return folder;
}

const tarballs = newFolder();
let server: string;
let client: string;

/** Packs a package and returns the file. */
async function pack(folder: string): Promise<string> {
  const output = await run("npm", ["pack", "--json", "--pack-destination", tarballs], folder);
  const [packed]: [{ filename: string }] = JSON.parse(output.slice(output.indexOf("[\n")));
  return join(tarballs, packed.filename);
}

beforeAll(async () => {
  const project = copyOfProject();
  server = await pack(project);
  client = await pack(join(project, "miniprogram/client"));
});

const filesIn = async (tarball: string) =>
  (await run("tar", ["tzf", tarball], tarballs))
    .trim()
    .split("\n")
    .map((file) => file.replace("package/", ""));

test("the server's package holds the command, the library with its types, and nothing else", async () => {
  const others = (await filesIn(server)).filter((file) => !/^build\/.+\.(js|d\.ts)$|^dist\/.+\.js$/.test(file));
  expect(others.toSorted()).toEqual([
    "LICENSE",
    "README.md",
    "README.zh-CN.md",
    "dist/THIRD-PARTY-LICENCES.txt",
    "package.json",
    "schema.graphql",
  ]);
});

test("the client's package holds one file of code, its types and what leads there", async () => {
  expect((await filesIn(client)).toSorted()).toEqual(
    [
      "LICENSE",
      "README.md",
      "dist/index.d.ts",
      "dist/index.js",
      "dist/wxpass.d.ts",
      "dist/wxpass.js",
      "package.json",
    ].toSorted(),
  );
});

test("npx wxpass starts in an empty folder, signs in, and keeps its data there", async () => {
  const folder = newFolder();
  await run("npm", ["install", "--no-save", server], folder);
  const bin = join(folder, "node_modules/.bin/wxpass");
  const { version } = JSON.parse(read(join(root, "package.json")));
  expect(await run("npx", ["wxpass", "--version"], folder)).toBe(`${version}\n`);
  const { url, child, exited } = await startServer({}, folder, [bin]);
  const { user } = await createClient(url).signedIn("alice");
  expect(existsSync(join(folder, "data/wxpass.db"))).toBe(true);
  expect(await run("npx", ["wxpass", "admin", "users"], folder)).toContain(user.id);
  child.kill("SIGTERM");
  expect(await exited).toBe(0);
});

describe.each([
  ["npm", ["install"]],
  ["pnpm", ["exec", "--yes", "--package=pnpm@12.21.0", "--", "pnpm", "install", "--ignore-scripts"]],
])("an own back end, installed by %s", (manager, args) => {
  const folder = newFolder();

  beforeAll(async () => {
    cpSync(join(root, "examples/shop"), folder, { recursive: true });
    const manifest = JSON.parse(read(join(folder, "package.json")));
    manifest.dependencies.wxpass = `file:${server}`;
    writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
    await run("npm", args, folder);
    await run("node", ["node_modules/typescript/bin/tsc"], folder);
  });

  test("has its types checked, runs beside ours, and is one process with one copy of each library", async () => {
    const { url, child, exited } = await startServer({}, folder, [join(folder, "build/main.js")]);
    const shopper = createClient(url);
    const { token, user } = await shopper.signedIn("alice");
    const ordered = await shopper.request(`mutation { createOrder(product: "tea") { id } }`, { token });
    expect(ordered.outcome).toBe("ok");
    const exported = await run("node", ["build/main.js", "admin", "user", user.id, "--json"], folder);
    expect(JSON.parse(exported).orders).toHaveLength(1);
    expect((await shopper.request("mutation { deleteAccount }", { token })).outcome).toBe("ok");
    child.kill("SIGTERM");
    expect(await exited).toBe(0);
    expect(manager).toBeTruthy();
  });
});

test("WeChat's tools build the client's package, and what they make can be required", async () => {
  const [tools, program] = [newFolder(), newFolder()];
  cpSync(join(root, "tests/long/miniprogram-ci/package.json"), join(tools, "package.json"));
  await run("npm", ["install", "--ignore-scripts"], tools);
  writeFileSync(join(program, "package.json"), JSON.stringify({ name: "program", version: "1.0.0", private: true }));
  writeFileSync(
    join(program, "project.config.json"),
    JSON.stringify({ appid: "wx0000000000000001", compileType: "miniprogram" }),
  );
  writeFileSync(join(program, "app.json"), JSON.stringify({ pages: [] }));
  writeFileSync(join(program, "key"), "no key is needed to build packages");
  await run("npm", ["install", client], program);
  const script = `
    const ci = require("miniprogram-ci");
    const project = new ci.Project({
      appid: "wx0000000000000001", type: "miniProgram", projectPath: ${JSON.stringify(program)},
      privateKeyPath: ${JSON.stringify(join(program, "key"))}, ignores: [],
    });
    ci.packNpm(project, { ignores: [] }).then((warnings) => console.log(JSON.stringify(warnings)));`;
  const printed = await run("node", ["-e", script], tools);
  const made = join(program, "miniprogram_npm/wxpass-client");
  expect(readdirSync(made), printed).toContain("index.js");
  const required = `console.log(typeof require(${JSON.stringify(made)}).createWxpass)`;
  expect(await run("node", ["-e", required], program)).toBe("function\n");
});
