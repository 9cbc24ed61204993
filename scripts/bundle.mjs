// Bundles what is started into dist/: a file for each process, and beside it the chunks that it loads at once or when it
// needs them. tsc makes the same modules one by one, with their types, in build/: for development and the tools.
import { globSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { build } from "rolldown";

const root = join(import.meta.dirname, "..");
const dayMs = 86_400_000;

/** What stays outside: native code, one page of nine megabytes, and what others ask for only if it is there. */
const external = ["better-sqlite3", "sharp", "@graphql-yoga/render-graphiql", "pg-native", "class-validator"];

/** A server that runs may still load what an earlier build made for it, so that stays for a day. */
const clearAway = {
  name: "clear-away",
  writeBundle({ dir }, written) {
    for (const name of globSync("chunks/*", { cwd: dir })) {
      const file = join(dir, name);
      const isKept = name.replaceAll("\\", "/") in written || Date.now() - statSync(file).mtimeMs < dayMs;
      if (!isKept) rmSync(file);
    }
  },
};

/** What is bundled keeps its licence: the texts of all packages of which anything is in the bundle. */
const keepLicences = {
  name: "keep-licences",
  generateBundle(_, bundle) {
    const ids = Object.values(bundle).flatMap((chunk) => Object.keys(chunk.modules ?? {}));
    const folders = ids.map((id) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id.replaceAll("\\", "/"))?.[0]);
    const texts = [...new Set(folders)].filter(Boolean).toSorted().map(licenceOf);
    this.emitFile({
      type: "asset",
      fileName: "THIRD-PARTY-LICENCES.txt",
      source: texts.join(`\n${"-".repeat(80)}\n\n`),
    });
  },
};

function licenceOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)(\.\w+)?$/i.test(entry));
  return `${name} ${version} (${license})\n\n${file ? readFileSync(join(folder, file), "utf8").trim() : ""}\n`;
}

await build({
  cwd: root,
  input: { main: "src/main.ts", admin: "src/admin.ts", "image-worker": "src/images/image-worker.ts" },
  platform: "node",
  tsconfig: "tsconfig.json",
  external,
  plugins: [clearAway, keepLicences],
  logLevel: "warn",
  output: {
    dir: "dist",
    chunkFileNames: "chunks/[name]-[hash].js",
    // Text beyond ASCII would take two bytes for each character of the whole file in memory.
    charset: "ascii",
    // Names are looked at, by the ORM and in the log.
    keepNames: true,
    minify: { compress: true, mangle: false, codegen: true },
    comments: false,
    sourcemap: true,
    sourcemapExcludeSources: true,
  },
});
