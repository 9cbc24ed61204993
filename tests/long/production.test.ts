import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, expect, test } from "vitest";
import { oldestNode } from "../../src/command/boot.js";
import { startSimulator } from "../../src/wechat/simulator/simulator.js";
import { createClient } from "../support/client.js";
import { newDatabase } from "../support/database.js";
import { freePort } from "../support/free-port.js";
import { keepLog } from "../support/log-search.js";
import { newFolder, productionEnv } from "../support/server-process.js";

/*
 * The production steps of both READMEs and of docs/, word for word, on a copy of the project: with an older Node.js first in the path
 * where the system has one, and with NODE_ENV=production exported. It installs packages, so it takes minutes and needs npm's registry
 * or its cache.
 */

const root = join(import.meta.dirname, "../..");
const read = (file: string) => readFileSync(join(root, file), "utf8");

/** The first block of commands below a heading. */
const commandsUnder = (file: string, heading: string) =>
  new RegExp(`^## ${heading}\\n[^]*?\`\`\`sh\\n([^]*?)\`\`\``, "m").exec(read(file))?.[1]?.trim() ?? "";

const documented = commandsUnder("README.md", "Run it for real");
const [build = "", start = ""] = documented.split(" && NODE_ENV=production ");

/** This version, and one that comes later. */
const { version }: { version: string } = JSON.parse(read("package.json"));
const nextVersion = "99.0.0";

/** The Node.js of the system, before any that the project brings. */
const systemNode = ["/usr/local/bin", "/usr/bin", "/opt/homebrew/bin"].find((folder) =>
  existsSync(join(folder, "node")),
);
const systemVersion =
  systemNode &&
  String(spawnSync(join(systemNode, "node"), ["--version"]).stdout)
    .trim()
    .slice(1);
const isOld = systemVersion !== undefined && Number(systemVersion.split(".")[0]) < 22;
const testWithOldNode = isOld ? test : test.skip;

const rightNode = dirname(process.execPath);
const npmSettings = { npm_config_prefer_offline: "true", npm_config_audit: "false", npm_config_fund: "false" };

/** An environment as on a server: nothing of this test run's, NODE_ENV exported, and one Node.js first in the path. */
function environment(node: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(npm_|node|vitest|vite|test|init_cwd)/i.test(name));
  const path = [node, "/usr/local/bin", "/usr/bin", "/bin", "/opt/homebrew/bin"].join(":");
  return { ...Object.fromEntries(kept), ...npmSettings, PATH: path, NODE_ENV: "production" };
}

interface Outcome {
  status: number | null;
  output: string;
  errors: string;
}

/** Runs commands in a shell to their end. */
async function shell(
  commands: string,
  cwd: string,
  node = rightNode,
  env: Record<string, string> = {},
): Promise<Outcome> {
  const child = spawn("bash", ["-c", commands], { cwd, env: { ...environment(node), ...env } });
  child.stdin.end();
  const [output, errors, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { status, output, errors };
}

/** The project's files as they are tracked, and nothing that was built or installed. */
const project = newFolder();
for (const file of String(execFileSync("git", ["ls-files", "-z"], { cwd: root }))
  .split("\0")
  .filter(Boolean)) {
  if (!existsSync(join(root, file))) continue;
  mkdirSync(dirname(join(project, file)), { recursive: true });
  copyFileSync(join(root, file), join(project, file));
}

const [, appId = "", secret = ""] = /^(\w+):(\w+)$/.exec(productionEnv.WECHAT_APPS) ?? [];
const simulator = await startSimulator({
  apps: [{ appId, secret }],
  now: () => new Date(),
  port: 0,
  pushToken: undefined,
  pushAesKeys: [],
});
afterAll(() => simulator.close());

/** Where the server keeps what it has, from version to version. */
const home = newFolder();
const port = await freePort();
const settings = {
  ...productionEnv,
  PORT: String(port),
  PUBLIC_URL: `http://127.0.0.1:${port}`,
  WECHAT_API_URL: simulator.url,
  DATABASE_URL: `sqlite:${home}/wxpass.db`,
  STORAGE_URL: `file:${home}/avatars`,
};

const running = new Set<ChildProcess>();
afterAll(() => {
  for (const child of running) child.kill("SIGKILL");
});

/** Starts the server as documented, and waits until it listens or has ended. */
async function serve(cwd: string, env: Record<string, string> = {}) {
  const child = spawn("bash", ["-c", `exec ${start}`], {
    cwd,
    env: { ...environment(rightNode), ...settings, ...env },
  });
  running.add(child);
  const ended = once(child, "close").then(([code]) => {
    running.delete(child);
    keepLog(output);
    return code;
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
    });
  }
  const lines = () =>
    output
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line));
  await expect
    .poll(() => /"wxpass is listening"|can't start|waiting for/.test(output) || child.exitCode !== null, {
      timeout: 30_000,
    })
    .toBe(true);
  return {
    lines,
    output: () => output,
    ended,
    async stop() {
      child.kill("SIGTERM");
      expect(await ended).toBe(0);
    },
  };
}

const client = createClient(settings.PUBLIC_URL);

test("both READMEs and the page about operating say the same", () => {
  expect(documented).toMatch(/^npm ci .* && NODE_ENV=production node dist\/main\.js$/);
  expect(commandsUnder("README.zh-CN.md", "正式上线")).toBe(documented);
  for (const file of ["docs/operating.md", "docs/operating.zh-CN.md"]) expect(read(file)).toContain(`\`${build}\``);
});

testWithOldNode(
  `with Node.js ${systemVersion ?? "(none)"} first in the path and NODE_ENV exported the documented steps build it, and the start says in one sentence what it needs`,
  async () => {
    const { status, output, errors } = await shell(documented, project, systemNode, settings);
    expect(existsSync(join(project, "dist/main.js")), errors).toBe(true);
    expect(status).toBe(1);
    expect(output).not.toContain("wxpass starts");
    expect(errors.split("\n").filter((line) => line && !line.startsWith("npm "))).toEqual([
      `wxpass needs Node.js ${oldestNode} or newer, and this is ${systemVersion} / 需要 Node.js ${oldestNode} 或更新的版本，现在是 ${systemVersion}`,
    ]);
  },
);

test("what was built starts with the right Node.js, and says its version first", async () => {
  if (!existsSync(join(project, "dist/main.js"))) expect(await shell(build, project)).toMatchObject({ status: 0 });
  const server = await serve(project);
  expect(server.lines()[0]).toMatchObject({ msg: "wxpass starts", version, node: process.versions.node });
  expect((await fetch(`${settings.PUBLIC_URL}/readyz`)).status).toBe(200);
  await client.signedIn("alice");
  await server.stop();
});

/** What the pages say is enough to run it, beside the folder in which it was built. */
const installed = newFolder();

function installForProduction(from: string, to: string): void {
  for (const file of ["package.json", "package-lock.json"]) copyFileSync(join(from, file), join(to, file));
  cpSync(join(from, "dist"), join(to, "dist"), { recursive: true });
}

test("dist/, package.json and npm ci --omit=dev are enough to serve, to migrate and for the operator's commands", async () => {
  installForProduction(project, installed);
  expect(await shell("npm ci --omit=dev", installed)).toMatchObject({ status: 0 });
  expect(existsSync(join(installed, "node_modules/typescript"))).toBe(false);

  const run = (words: string) => shell(`node dist/main.js ${words}`, installed, rightNode, settings);
  expect(await run("--version")).toEqual({ status: 0, output: `${version}\n`, errors: "" });
  expect(await run("migrate")).toMatchObject({ status: 0 });
  expect((await run("admin make-secret")).output).toMatch(/^[\w-]{64}\n$/);
  expect(await run("admin users")).toMatchObject({ status: 0, output: expect.stringContaining("CREATED") });
  const server = await serve(installed);
  expect((await client.signedIn("alice")).isNewUser).toBe(false);
  const { output } = await run("admin doctor");
  expect(output).toMatch(/^ok +wechat +wxproduction: WeChat accepts the AppSecret/m);
  expect(output).toMatch(/^ok +address +wxpass answers at/m);
  await server.stop();
});

test("it waits for a PostgreSQL that isn't there yet, and serves when it is", async () => {
  const database = new URL(await newDatabase("postgresql"));
  const later = await freePort();
  const way = new URL(database);
  way.port = String(later);
  const server = await serve(installed, { DATABASE_URL: way.href });
  expect(server.lines().at(-1)).toMatchObject({ msg: "waiting for the database", fault: "ECONNREFUSED" });
  const proxy = createServer((incoming) => {
    const outgoing = connect(Number(database.port), "127.0.0.1");
    for (const socket of [incoming, outgoing]) socket.on("error", () => {});
    incoming.pipe(outgoing).pipe(incoming);
  }).listen(later, "127.0.0.1");
  await expect.poll(() => server.lines().at(-1)?.msg, { timeout: 20_000 }).toBe("wxpass is listening");
  expect((await client.signedIn("bob")).isNewUser).toBe(true);
  await server.stop();
  proxy.close();
});

/** The next version, which has a further column. */
async function buildNext(): Promise<string> {
  const next = newFolder();
  expect(await shell(`cp -a ${project}/. ${next}`, next)).toMatchObject({ status: 0 });
  const manifest = join(next, "package.json");
  const bumped = readFileSync(manifest, "utf8").replace(`"version": "${version}"`, `"version": "${nextVersion}"`);
  writeFileSync(manifest, bumped);
  const list = join(next, "src/database/migrations/migrations.ts");
  const later = `\nclass Later extends Migration {
  override up(): void {
    this.addSql("alter table users add column later text");
  }
}\nfor (const all of Object.values(migrations)) all.push({ name: "2999-01-01-later", class: Later });\n`;
  const released = readFileSync(list, "utf8");
  writeFileSync(list, `import { Migration } from "@mikro-orm/migrations";\n${released}${later}`);
  expect(await shell("npm run build", next)).toMatchObject({ status: 0 });
  return next;
}

test("an update keeps everybody, leaves a copy from before, and the old version refuses until one goes back as documented", async () => {
  const next = newFolder();
  expect(await shell(`cp -a ${installed}/. ${next}`, next)).toMatchObject({ status: 0 });
  installForProduction(await buildNext(), next);

  const server = await serve(next);
  expect(server.lines()[0]).toMatchObject({ msg: "wxpass starts", version: nextVersion });
  expect((await client.signedIn("alice")).isNewUser).toBe(false);
  expect((await client.signedIn("carol")).isNewUser).toBe(true);
  await server.stop();
  const copy = `${home}/wxpass.db.before-${nextVersion}`;
  expect(statSync(copy).mode & 0o777).toBe(0o600);

  const refused = await serve(installed);
  expect(await refused.ended).toBe(1);
  expect(refused.output()).toMatch(/DATABASE_URL: .*made by an own back end, or by a newer version of wxpass/);

  const [, goBack = ""] = /`(mv wxpass\.db\.before-1\.2\.0 [^`]+)`/.exec(read("docs/starting.md")) ?? [];
  expect(read("docs/starting.zh-CN.md")).toContain(`\`${goBack}\``);
  expect(await shell(goBack.replace("1.2.0", nextVersion), home)).toMatchObject({ status: 0, errors: "" });
  const again = await serve(installed);
  expect((await client.signedIn("alice")).isNewUser).toBe(false);
  expect((await client.signedIn("carol")).isNewUser).toBe(true);
  await again.stop();
});
