import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { rolldown } from "rolldown";
import { beforeAll, expect, inject, test } from "vitest";
import { builtClient, compileToES5 } from "../../support/client-engine.js";

const root = join(import.meta.dirname, "../../..");
const miniprogram = join(root, "miniprogram");

/** The most that the client may weigh, in bytes. */
const maxSize = 8_500;

const built = [
  "client/src/generated/operations.ts",
  "client/dist/wxpass.js",
  "client/dist/wxpass.d.ts",
  "example/wxpass/wxpass.js",
  "example/wxpass/wxpass.d.ts",
];

let copy: string;

beforeAll(async () => {
  copy = join(inject("folder"), "miniprogram");
  mkdirSync(copy);
  for (const part of ["src", "tsconfig.json"])
    cpSync(join(miniprogram, "client", part), join(copy, "client", part), { recursive: true });
  await promisify(execFile)(process.execPath, ["scripts/build-client.mjs", copy], { cwd: root });
});

test.each(built)("%s is what the code makes (else run: npm run client)", (file) => {
  expect(readFileSync(join(miniprogram, file), "utf8")).toBe(readFileSync(join(copy, file), "utf8"));
});

test("minified, the client weighs less than 8 kB", async () => {
  const build = await rolldown({ input: join(miniprogram, "client/dist/wxpass.js"), transform: { target: "es2015" } });
  const { output } = await build.generate({ format: "cjs", minify: true });
  const { code } = output[0];
  await build.close();
  expect(Buffer.byteLength(code)).toBeGreaterThan(3_000);
  expect(Buffer.byteLength(code)).toBeLessThan(maxSize);
});

/** Without comments and texts, where any word may stand. */
const codeOf = (source: string) => source.replace(/\/\*[\s\S]*?\*\/|\/\/.*|"(?:[^"\\\n]|\\.)*"|`[^`]*`/g, "");

test("the client names nothing that a mini-program lacks", () => {
  const names =
    "fetch|URL|URLSearchParams|Headers|Request|Response|FormData|AbortController|XMLHttpRequest|WebSocket|localStorage" +
    "|window|navigator|globalThis|process|Buffer|require|import|eval|Function|console|atob|btoa|TextEncoder" +
    "|async|await|yield|BigInt|WeakRef|Intl";
  expect(codeOf(builtClient)).toContain("createWxpass");
  expect(codeOf(builtClient).match(new RegExp(`(?<![.\\w$])(${names})(?![\\w$:])`, "g"))).toBeNull();
  expect(codeOf(builtClient)).not.toMatch(/\?\.[^\d]|\?\?|\*\*|\.\.\.|\.(finally|entries|values|includes|flat|at)\(/);
});

test("compiled to ES5, the client needs no helpers from elsewhere", () => {
  const compiled = compileToES5(builtClient);
  const foreign = /=>|\b(class|const|let|regeneratorRuntime|require|Reflect|Proxy)\b|core-js/g;
  expect(codeOf(compiled).match(foreign)).toBeNull();
});
