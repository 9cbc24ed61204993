import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Bench } from "../bench.ts";
import type { Options } from "../options.ts";
import { type Person, signInAll } from "../people.ts";
import type { Program } from "../programs.ts";
import type { Server } from "../server.ts";
import { type Load, runWrk } from "./wrk.ts";

/** What a program did in each round. */
export interface Measured {
  program: Program;
  samples: Sample[];
}

export interface Sample {
  perSecond: number;
  /** Processor time of the server and its children, per request. */
  cpuUs: number;
  p50Ms: number;
  p99Ms: number;
}

/** What is asked. */
export interface Workload {
  script: "cycle" | "chain";
  /** A person's line of the script's file. */
  line(person: Person): string;
}

/** So many different people sign in and are asked for. */
const peopleCount = 1_000;

interface Contender {
  program: Program;
  server: Server;
  /** Loads it over so many connections, for so many seconds. */
  run(connections: number, seconds: number): Promise<Sample>;
}

/**
 * Loads programs by turns, in an order that alternates, so that whatever else the machine does hits all of them.
 * Returns what each did, for each number of connections.
 */
export async function measureLoad(
  bench: Bench,
  programs: readonly Program[],
  workload: Workload,
  connectionCounts: readonly number[],
  databaseUrlOf?: (program: Program) => Promise<string>,
): Promise<Map<number, Measured[]>> {
  const contenders: Contender[] = [];
  for (const program of programs) {
    const server = await bench.start(program, await databaseUrlOf?.(program));
    contenders.push(await prepare(bench, program, server, workload));
  }
  const measured = new Map<number, Measured[]>();
  for (const connections of connectionCounts) {
    measured.set(connections, await takeTurns(contenders, connections, bench.options));
  }
  for (const { server } of contenders) await server.stop();
  return measured;
}

async function takeTurns(
  contenders: readonly Contender[],
  connections: number,
  { rounds, seconds }: Options,
): Promise<Measured[]> {
  const measured = contenders.map(({ program, run }) => ({ program, run, samples: [] as Sample[] }));
  for (let round = 0; round < rounds; round++) {
    for (const { run, samples } of round % 2 ? measured.toReversed() : measured) {
      samples.push(await run(connections, seconds));
    }
  }
  return measured;
}

async function prepare(bench: Bench, program: Program, server: Server, { script, line }: Workload): Promise<Contender> {
  const codes = Array.from({ length: peopleCount }, (_, index) => `person${index}`);
  const people = await signInAll(server.url, codes, program.isWxpass);
  const file = join(bench.folder, `${new URL(server.url).port}.requests`);
  writeFileSync(file, people.map((person) => `${line(person)}\n`).join(""));
  const run = { url: server.url, script };
  const checked = await runWrk({ ...run, args: [file, "check"], connections: 16, seconds: 2 });
  return {
    program,
    server,
    async run(connections, seconds) {
      const before = server.usage().cpuMs;
      const load = await runWrk({ ...run, args: [file], connections, seconds });
      const cpuMs = server.usage().cpuMs - before;
      if (script === "cycle") demandSameAnswers(program, checked, load);
      return toSample(load, cpuMs);
    },
  };
}

/** While it is measured no answer is looked at, but an error has another length. */
function demandSameAnswers({ name }: Program, checked: Load, load: Load): void {
  const [expected, found] = [checked, load].map(({ bytes, requests }) => bytes / requests);
  if (expected === undefined || found === undefined || Math.abs(found / expected - 1) < 0.02) return;
  throw new Error(`${name} answers ${found.toFixed()} bytes under load where it had answered ${expected.toFixed()}`);
}

const toSample = ({ requests, durationUs, p50Us, p99Us }: Load, cpuMs: number): Sample => ({
  perSecond: requests / (durationUs / 1e6),
  cpuUs: (cpuMs * 1_000) / requests,
  p50Ms: p50Us / 1_000,
  p99Ms: p99Us / 1_000,
});
