import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** What wrk counted. */
export interface Load {
  requests: number;
  bytes: number;
  durationUs: number;
  p50Us: number;
  p99Us: number;
}

interface Run {
  url: string;
  /** `cycle` or `chain`, a script beside this file. */
  script: string;
  args: readonly string[];
  connections: number;
  seconds: number;
}

/** Loads an address for a time. A single answer that isn't the right one spoils the run. */
export async function runWrk({ url, script, args, connections, seconds }: Run): Promise<Load> {
  const flags = ["-t1", `-c${connections}`, `-d${seconds}s`, "--timeout", "10s", "-s", `${script}.lua`, url, "--"];
  const wrk = spawn("wrk", [...flags, ...args], {
    cwd: join(import.meta.dirname),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const text = wrk.stdout.setEncoding("utf8").reduce((all: string, chunk: string) => all + chunk, "");
  const [code] = await once(wrk, "exit");
  const result = /RESULT (.+)/.exec(await text)?.[1];
  if (code !== 0 || result === undefined) throw new Error(`wrk ended with ${code}:\n${await text}`);
  const { failed, ...load }: Load & { failed: number } = JSON.parse(result);
  if (failed > 0) throw new Error(`${failed} of ${load.requests} requests to ${url} failed`);
  return load;
}
