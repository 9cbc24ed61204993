/*
 * Builds the client for mini-programs: types and documents from schema.graphql, one CommonJS file, one file of types, and a copy
 * of both for the example. `npm run client` writes to miniprogram/; with a folder as its argument, it builds the copy that is there.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { codegen } from "@graphql-codegen/core";
import * as operationTypes from "@graphql-codegen/typescript-operations";
import { buildSchema, parse, print, stripIgnoredCharacters } from "graphql";
import { rolldown } from "rolldown";

const folder = resolve(process.argv[2] ?? "miniprogram");
const source = join(folder, "client/src");

const banner = "// Made by `npm run client`; don't edit.";

/** In the order in which one wants to read them. */
const typeFiles = [
  "setup",
  "create-wxpass",
  "generated/operations",
  "errors",
  "document",
  "platform",
  "transport",
  "cloud-transport",
  "index",
];

await generate();
await bundle();
emitTypes();
for (const file of ["wxpass.js", "wxpass.d.ts"]) {
  mkdirSync(join(folder, "example/wxpass"), { recursive: true });
  copyFileSync(join(folder, "client/dist", file), join(folder, "example/wxpass", file));
}

/** Writes the operations with their types. */
async function generate() {
  const schema = buildSchema(readFileSync("schema.graphql", "utf8"));
  const document = parse(readFileSync(join(source, "operations.graphql"), "utf8"));
  const text = await codegen({
    filename: "operations.ts",
    schema: parse(readFileSync("schema.graphql", "utf8")),
    schemaAst: schema,
    documents: [{ location: "operations.graphql", document }],
    plugins: [{ operationTypes: {} }, { documents: {} }],
    pluginMap: { operationTypes, documents: { plugin: documents } },
    config: {
      scalars: {
        DateTime: "string",
        EmailAddress: "string",
        ID: "string",
        JSONObject: "Record<string, unknown>",
        LocalDate: "string",
        PhoneNumber: "string",
      },
      strictScalars: true,
      enumType: "string-literal",
      inlineFragmentTypes: "combine",
    },
  });
  const tidy = text
    .replace(/^.*\bInternal type\b.*\nexport type Incremental.*\n/m, "")
    .replace(/^\/\*\* Internal type.*/m, "/** @internal */")
    .replace(/^(export (type|const) \w+(Query|Mutation|Variables|Document)\b)/gm, "/** @internal */\n$1")
    .replace(/\n{3,}/g, "\n\n");
  writeFileSync(join(source, "generated/operations.ts"), `${banner}\n${tidy.trim()}\n`);
}

/** A plugin of the code generator: the operations as strings, in which the fields of a fragment are written once. */
function documents(_, [{ document }]) {
  const definitions = document.definitions.map((definition) => {
    const name = definition.name.value;
    const text = stripIgnoredCharacters(print(definition));
    if (definition.kind === "FragmentDefinition") return `const ${name}Fields = "${text.replace(/^.*?\{|\}$/g, "")}";`;
    const type = name + (definition.operation === "query" ? "Query" : "Mutation");
    const whole = text.replace(/\b\.\.\./g, " ...").replace(/\.\.\.(\w+)/g, "$${$1Fields}");
    const quote = whole === text ? '"' : "`";
    return `export const ${name}Document: Document<${type}, ${type}Variables> =\n  ${quote}${whole}${quote};`;
  });
  return { prepend: ['import type { Document } from "../document";', ""], content: definitions.join("\n\n") };
}

/** Writes the JavaScript that one copies into a mini-program, and says what it weighs minified as ES2015. */
async function bundle() {
  const build = await rolldown({ cwd: folder, input: "client/src/index.ts", transform: { target: "es2015" } });
  // In a function, every tool dares to shorten the names.
  const inFunction = { intro: "(function () {", outro: "})();" };
  const options = { format: "cjs", generatedCode: { symbols: false }, ...inFunction };
  await build.write({
    ...options,
    file: join(folder, "client/dist/wxpass.js"),
    banner: `${banner} Its source is miniprogram/client/src.`,
  });
  const { output } = await build.generate({ ...options, minify: true });
  await build.close();
  const { code } = output[0];
  console.log(`wxpass.js: ${Buffer.byteLength(code)} bytes minified, ${gzipSync(code).length} gzipped`);
}

/** Writes the types of the exports, as one file without imports. */
function emitTypes() {
  const emitted = mkdtempSync(join(tmpdir(), "wxpass-types-"));
  const tsc = "node_modules/typescript/bin/tsc";
  execFileSync(process.execPath, [
    tsc,
    "-p",
    join(folder, "client"),
    "--noEmit",
    "false",
    "--declaration",
    "--emitDeclarationOnly",
    "--stripInternal",
    "--outDir",
    emitted,
  ]);
  const parts = typeFiles.map((name) => readFileSync(join(emitted, `${name}.d.ts`), "utf8"));
  rmSync(emitted, { recursive: true });
  const text = parts
    .join("")
    .replace(/^import [^;]*;\n/gm, "")
    .replace(/^export (type )?\{[^}]*\}( from [^;]*)?;\n/gm, "");
  writeFileSync(join(folder, "client/dist/wxpass.d.ts"), `${banner}\n${text}`);
}
