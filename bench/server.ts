import { spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { type Usage, usageOf } from "./process-tree.ts";

/** A server in a process of its own. */
export interface Server {
  name: string;
  /** Where it takes GraphQL. */
  url: string;
  /** From the start of the process until it answered. */
  startMs: number;
  usage(): Usage;
  stop(): Promise<void>;
}

/** How a server is started. */
export interface Launch {
  name: string;
  /** What Node.js runs. */
  args: readonly string[];
  env: Record<string, string>;
  /** The folder in which it runs, and keeps what it prints. */
  folder: string;
  /** Of GraphQL. */
  path: string;
  /** What answers with 200 once it is ready; without one, it is ready when it listens. */
  ready: string | undefined;
}

/** In which a server must be there. */
const startTimeoutMs = 60_000;

const running = new Set<number>();

/** Ends all that still run. */
export function killServers(): void {
  for (const pid of running) process.kill(pid, "SIGKILL");
}

/** Starts a server and waits until it is ready. */
export async function startServer({ name, args, env, folder, path, ready }: Launch): Promise<Server> {
  const port = await freePort();
  const output = join(folder, "output.log");
  const began = performance.now();
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...env, PORT: String(port) },
    stdio: ["ignore", openSync(output, "a"), openSync(output, "a")],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${name} can't be started`);
  running.add(pid);
  const exited = once(child, "exit").then(() => running.delete(pid));
  const isReady = ready === undefined ? () => listens(port) : () => answers(`http://127.0.0.1:${port}${ready}`);
  while (!(await isReady())) {
    if (running.has(pid) && performance.now() < began + startTimeoutMs) continue;
    throw new Error(`${name} didn't start:\n${readFileSync(output, "utf8").slice(-2_000)}`);
  }
  return {
    name,
    url: `http://127.0.0.1:${port}${path}`,
    startMs: performance.now() - began,
    usage: () => usageOf(pid),
    async stop() {
      child.kill("SIGTERM");
      await exited;
    },
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url);
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return pause();
  }
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return pause();
  } finally {
    socket.destroy();
  }
}

/** A moment in which the process that starts has the processor. */
async function pause(): Promise<false> {
  await new Promise((resolve) => setTimeout(resolve, 2));
  return false;
}
