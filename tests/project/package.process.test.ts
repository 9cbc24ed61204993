import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { oldestNode } from "../../src/command/boot.js";
import { newFolder, productionEnv, startServer } from "../support/server-process.js";

const root = join(import.meta.dirname, "../..");
const read = (file: string) => readFileSync(join(root, file), "utf8");

const manifest: {
  version: string;
  engines: { node: string };
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
} = JSON.parse(read("package.json"));
const lock: {
  version: string;
  packages: Record<string, { dev?: boolean; integrity?: string; link?: boolean; optionalDependencies?: object }>;
} = JSON.parse(read("package-lock.json"));
const dockerfile = read("Dockerfile");

/** What `npm ci --omit=dev` would install, as links, beside a copy of the built server. */
function installForProduction(): string {
  const folder = newFolder();
  for (const [path, { dev }] of Object.entries(lock.packages)) {
    if (dev || !/^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) || !existsSync(join(root, path))) continue;
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    symlinkSync(join(root, path), join(folder, path));
  }
  cpSync(join(root, "dist"), join(folder, "dist"), { recursive: true });
  cpSync(join(root, "package.json"), join(folder, "package.json"));
  return folder;
}

test("the built server runs in production with nothing but its dependencies, and the image's health check sees it", async () => {
  const folder = installForProduction();
  const { url, client } = await startServer(productionEnv, folder, ["--preserve-symlinks", "dist/main.js"]);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  expect((await client.me()).outcome).toBe("UNAUTHENTICATED");
  expect(existsSync(join(folder, "node_modules/vitest"))).toBe(false);
  expect(healthOf(new URL(url).port)).toBe("healthy");
  expect(healthOf("1")).toBe("unhealthy");
});

/** Runs the image's health check against a port. */
function healthOf(port: string): "healthy" | "unhealthy" {
  const [, ...args]: string[] = JSON.parse(/^HEALTHCHECK .*?CMD (\[.*\])$/m.exec(dockerfile)?.[1] ?? "[]");
  expect(args).toHaveLength(2);
  try {
    execFileSync(process.execPath, args, { env: { PORT: port } });
    return "healthy";
  } catch {
    return "unhealthy";
  }
}

/** Packages that nobody who installs this one need have: what asks for them does without. */
const optional = ["pg-native", "class-validator", "dataloader", "picomatch"];

test("what the bundle leaves outside is installed with it", () => {
  const bundle = globSync("dist/**/*.js", { cwd: root }).map(read).join("\n");
  const outside = [...bundle.matchAll(/(?:\bfrom"|\bimport"|\bimport\(`|\b__require\(`)([@a-z][\w./@-]*)["`]/g)]
    .map(([, name = ""]) => name)
    .filter((name) => !isBuiltin(name) && !optional.includes(name));
  expect(new Set(outside)).toEqual(new Set(["better-sqlite3", "sharp", "@graphql-yoga/render-graphiql"]));
  expect(outside.filter((name) => !(name in manifest.dependencies))).toEqual([]);
});

test.each(["dist/main.js", "dist/admin.js"])("%s says on an old Node.js which one it needs", (entry) => {
  const old = "data:text/javascript,Object.defineProperty(process.versions,'node',{value:'22.16.0'})";
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", old, entry, "--version"], { cwd: root });
  expect(String(stderr)).toBe(
    `wxpass needs Node.js ${oldestNode} or newer, and this is 22.16.0 / 需要 Node.js ${oldestNode} 或更新的版本，现在是 22.16.0\n`,
  );
  expect([status, String(stdout)]).toEqual([1, ""]);
  expect(manifest.engines.node).toBe(`>=${oldestNode}`);
});

test("the image copies files that are there and that the build gets to see", () => {
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, files = ""]) => files.split(" "));
  const [everything, ...visible] = read(".dockerignore").trim().split("\n");
  expect(everything).toBe("*");
  expect(visible.map((line) => line.replace("!", "")).toSorted()).toEqual([...new Set(copied)].toSorted());
  expect(copied.filter((file) => !existsSync(join(root, file)))).toEqual([]);
});

test("the image runs the built server with the Node.js of the tests, and not as root", () => {
  const images = [...dockerfile.matchAll(/^FROM node:(\d+)-slim/gm)].map(([, major]) => major);
  const tested = manifest.devDependencies["node"]?.split(".")[0];
  expect(images).toEqual([tested, tested]);
  expect(process.versions.node.split(".")[0]).toBe(tested);
  const start = JSON.parse(/^CMD (.+)$/m.exec(dockerfile)?.[1] ?? "[]");
  expect(start).toEqual(["node", "dist/main.js"]);
  expect(dockerfile.indexOf("USER node")).toBeGreaterThan(dockerfile.lastIndexOf("RUN "));
});

test("the lock file belongs to package.json and names the packages of every platform, or npm ci refuses it", () => {
  expect(lock.version).toBe(manifest.version);
  const optional = Object.values(lock.packages).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}));
  expect(optional.length).toBeGreaterThan(0);
  const missing = optional.filter(
    (name) => !Object.keys(lock.packages).some((path) => path.endsWith(`node_modules/${name}`)),
  );
  expect(missing).toEqual([]);
});

test("the lock file has a hash for every package, or npm installs one without looking at it", () => {
  const packages = Object.entries(lock.packages).filter(([path, { link }]) => path !== "" && !link);
  expect(packages.length).toBeGreaterThan(100);
  expect(packages.filter(([, { integrity }]) => !integrity?.startsWith("sha512-")).map(([path]) => path)).toEqual([]);
});

test("both packages have one version, and what they say is there", () => {
  const client = JSON.parse(read("miniprogram/client/package.json"));
  expect(client.version).toBe(manifest.version);
  for (const file of [client.main, client.types]) expect(existsSync(join(root, "miniprogram/client", file))).toBe(true);
  expect(existsSync(join(root, "miniprogram/client", client.miniprogram, "index.js"))).toBe(true);
  const exported: Record<string, string | { types: string; default: string }> = JSON.parse(
    read("package.json"),
  ).exports;
  const files = Object.values(exported).flatMap((target) =>
    typeof target === "string" ? [target] : Object.values(target),
  );
  expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
});

test("the licence of every package in the bundle goes with it", () => {
  const texts = read("dist/THIRD-PARTY-LICENCES.txt").split(/^-{80}$/m);
  expect(texts.length).toBeGreaterThan(50);
  expect(texts.map((text) => text.trim().split("\n")[0])).toContainEqual(
    expect.stringMatching(/^fastify \S+ \(MIT\)$/),
  );
  expect(
    texts.filter(
      (text) => !/\((MIT|ISC|0BSD|BSD-[23]-Clause|Apache-2\.0|Unlicense|BlueOak-1\.0\.0|.* OR .*)\)/.test(text),
    ),
  ).toEqual([]);
});
