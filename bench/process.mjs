import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";

/** A port that is free now. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  return port;
}

const running = new Set();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Starts a Node.js program and waits until the address answers with 200. Returns how long that took, in milliseconds. */
export async function start(file, env, address) {
  const before = performance.now();
  const child = spawn(process.execPath, [file], { env, stdio: ["ignore", "ignore", "inherit"] });
  running.add(child);
  const exited = once(child, "exit").then(() => running.delete(child));
  while (!(await answers(address))) if (!running.has(child)) throw new Error(`${file} ended`);
  return {
    startup: performance.now() - before,
    /** Megabytes in memory. */
    memory: () => memoryOf(child.pid),
    async stop() {
      child.kill("SIGTERM");
      await exited;
    },
  };
}

async function answers(address) {
  try {
    return (await fetch(address, { headers: { "apollo-require-preflight": "1" } })).ok;
  } catch {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return false;
  }
}

/** Only Linux tells; elsewhere it is not a number. */
function memoryOf(pid) {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1_024;
  } catch {
    return Number.NaN;
  }
}
