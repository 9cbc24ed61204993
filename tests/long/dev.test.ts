import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { compileCache, newFolder } from "../support/server-process.js";

const root = join(import.meta.dirname, "../..");

let npm: ChildProcess | undefined;

/** Sends a signal to everything that `npm run dev` started, as Ctrl-C in a terminal does. */
const signalAll = (signal: NodeJS.Signals) => npm?.pid && process.kill(-npm.pid, signal);

afterAll(() => {
  if (npm && npm.exitCode === null && npm.signalCode === null) signalAll("SIGKILL");
});

/** A copy of what `npm run dev` needs, to change it. */
function copyProject(): string {
  const folder = newFolder();
  for (const name of ["src", "package.json", "tsconfig.json", "tsconfig.build.json"]) {
    cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  return folder;
}

test("npm run dev serves, builds and restarts on a change, tells of a missing migration, and leaves no process behind", async () => {
  const folder = copyProject();
  npm = spawn("npm", ["run", "dev"], {
    cwd: folder,
    detached: true,
    env: { PATH: process.env["PATH"], HOME: folder, PORT: "0", ...compileCache },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const closed = once(npm, "close");
  const { stdout } = npm;
  let output = "";
  stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    output += chunk;
  });
  const printed = async (text: string) => {
    while (!output.includes(text)) await Promise.race([once(stdout ?? process, "data"), closed.then(failed)]);
  };
  const failed = () => Promise.reject(new Error(`npm run dev ended:\n${output}`));

  await printed("Sign in / 登录");
  await printed("Watching for file changes");
  const server = join(folder, "src/command/server.ts");
  writeFileSync(server, readFileSync(server, "utf8").replace("Sign in / 登录", "Changed / 已修改"));
  const user = join(folder, "src/user/user.ts");
  const field = '@Property({ type: "text", nullable: true })\n  later: string | null = null;\n';
  expect(output).not.toContain("migrate:create");
  writeFileSync(user, readFileSync(user, "utf8").replace(/\}\s*$/, `${field}}\n`));
  await printed("Changed / 已修改");
  await printed("npm run migrate:create");

  signalAll("SIGINT");
  // Streams are closed when the last process has ended that could write to them.
  await closed;
  expect(output.match(/wxpass, the account server/g)?.length).toBeGreaterThanOrEqual(2);
});
