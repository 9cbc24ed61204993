import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");

/** What wxpass was before the work on its speed. */
export const baselineCommit = "a9a440d";

/** The folder of the baseline, taken out of git, installed and built the first time. */
export function baselineFolder(): string {
  const folder = join(root, "node_modules/.cache/wxpass-bench", baselineCommit);
  if (!existsSync(folder)) build(folder);
  return folder;
}

function build(folder: string): void {
  console.log(`Installing and building ${baselineCommit}, to compare with …`);
  const draft = `${folder}.draft`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  const archive = archiveOf(baselineCommit);
  execFileSync("tar", ["-x", "-C", draft], { input: archive });
  for (const args of [
    ["ci", "--loglevel=error"],
    ["run", "build"],
  ]) {
    execFileSync("npm", args, { cwd: draft, stdio: ["ignore", "ignore", "inherit"] });
  }
  renameSync(draft, folder);
}

function archiveOf(commit: string): Buffer {
  try {
    return execFileSync("git", ["archive", commit], {
      cwd: root,
      maxBuffer: 2 ** 28,
      stdio: ["ignore", "pipe", "pipe"],
    });
  } catch {
    throw new Error(`git doesn't have ${commit} here, which is the baseline; --programs names the others`);
  }
}

/** Installs the rivals, which nobody needs who doesn't measure. */
export function installRivals(): void {
  if (existsSync(join(import.meta.dirname, "node_modules"))) return;
  console.log("Installing the rivals into bench/node_modules …");
  execFileSync("npm", ["ci", "--loglevel=error"], { cwd: import.meta.dirname, stdio: ["ignore", "ignore", "inherit"] });
}

/** What Node.js runs in a checkout on `npm start`. */
export function startOf(folder: string): string[] {
  const manifest: { scripts: { start: string } } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const [node, file, ...args] = manifest.scripts.start.split(" ");
  if (node !== "node" || file === undefined) throw new Error(`npm start in ${folder} is no program of Node.js`);
  return [resolve(folder, file), ...args];
}
