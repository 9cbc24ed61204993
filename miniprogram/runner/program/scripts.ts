import { isAbsolute, relative } from "node:path";
import { type Plugin, rolldown } from "rolldown";

const entry = "\0program";

/**
 * Bundles the scripts of a mini-program into one that runs them in WeChat's order: the app, then the parts, each being told where it is.
 * Imports reach files of the mini-program and nothing else, as in WeChat.
 */
export async function bundleScripts(root: string, files: { path: string; file: string }[]): Promise<string> {
  const source = files
    .map(({ path, file }) => `runner.enter(${JSON.stringify(path)});\nrequire(${JSON.stringify(file)});`)
    .join("\n");
  const insideOnly: Plugin = {
    name: "inside-only",
    resolveId(id, importer) {
      if (id === entry) return entry;
      if (importer !== entry && !id.startsWith("."))
        throw new Error(`${importer} imports ${id}: only relative paths work`);
      return null;
    },
    load(id) {
      if (id === entry) return source;
      if (isAbsolute(id) && relative(root, id).startsWith(".."))
        throw new Error(`${id} is outside of the mini-program`);
      return null;
    },
  };
  const bundle = await rolldown({
    input: entry,
    platform: "neutral",
    plugins: [insideOnly],
    resolve: { extensions: [".ts", ".js"] },
    transform: { target: "es2018" },
    treeshake: false,
    tsconfig: false,
    logLevel: "silent",
  });
  try {
    const { output } = await bundle.generate({ format: "iife", codeSplitting: false });
    return output[0].code;
  } finally {
    await bundle.close();
  }
}
