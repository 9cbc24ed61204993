import nodeModule from "node:module";

/** What runs in the process, given the words of its command line. */
interface Program {
  main(words: readonly string[]): Promise<void>;
}

/** The oldest Node.js that all of the packages run on. Read by `package.json`'s `engines`, too, which a test compares. */
export const oldestNode = "22.17.0";

/**
 * Runs a program. This file alone is read before Node's version is known to do: an older one fails at what the rest imports,
 * and can't say why. It is loaded from Node's cache of compiled code.
 */
export async function boot(load: () => Promise<Program>): Promise<void> {
  const fault = faultOfNode();
  if (fault !== undefined) return refuse(fault);
  nodeModule.enableCompileCache?.();
  const { main } = await load();
  await main(process.argv.slice(2));
}

/** Says that this Node.js is too old, if it is. */
export const faultOfNode = (version = process.versions.node): string | undefined =>
  isOlder(version, oldestNode)
    ? `wxpass needs Node.js ${oldestNode} or newer, and this is ${version} / 需要 Node.js ${oldestNode} 或更新的版本，现在是 ${version}`
    : undefined;

function isOlder(version: string, than: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = than.split(".").map(Number);
  return major < oldestMajor || (major === oldestMajor && minor < oldestMinor);
}

function refuse(fault: string): void {
  process.stderr.write(`${fault}\n`);
  process.exitCode = 1;
}
