import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Bench } from "../bench.ts";
import type { Options } from "../options.ts";
import { type Person, signInAll } from "../people.ts";
import type { Postgres } from "../postgres.ts";
import type { Server } from "../server.ts";
import { type Load, runWrk } from "./wrk.ts";

/** A server that takes part. */
export interface Contender {
  id: string;
  name: string;
  server: Server;
  /** It gives refresh tokens. */
  hasSessions: boolean;
  /** By which people sign in. */
  codes: readonly string[];
}

/** What a server did in each round. */
export interface Measured {
  id: string;
  name: string;
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
export const peopleCount = 1_000;

/** Everybody that the fake WeChat is asked for, unless a database has more. */
export const everybody = Array.from({ length: peopleCount }, (_, index) => `person${index}`);

/** Starts programs, to take part. */
export async function startAll(bench: Bench, ids: readonly string[], postgres?: Postgres): Promise<Contender[]> {
  const contenders: Contender[] = [];
  for (const program of bench.select(ids)) {
    const server = await bench.start(program, { databaseUrl: await postgres?.createDatabase() });
    contenders.push({ id: program.id, name: program.name, server, hasSessions: program.isWxpass, codes: everybody });
  }
  return contenders;
}

/**
 * Loads servers by turns, in an order that alternates, so that whatever else the machine does hits all of them.
 * Returns what each did, for each number of connections; the servers have ended then.
 */
export async function measureLoad(
  bench: Bench,
  contenders: readonly Contender[],
  workload: Workload,
  connectionCounts: readonly number[],
): Promise<Map<number, Measured[]>> {
  const ready: Loaded[] = [];
  for (const contender of contenders) ready.push({ ...contender, run: await prepare(bench, contender, workload) });
  const measured = new Map<number, Measured[]>();
  for (const connections of connectionCounts) {
    measured.set(connections, await takeTurns(ready, connections, bench.options));
  }
  for (const { server } of contenders) await server.stop();
  return measured;
}

/** Loads a server over so many connections, for so many seconds. */
type Run = (connections: number, seconds: number) => Promise<Sample>;

type Loaded = Contender & { run: Run };

/** Before each measurement: a server that has rested has lost caches and connections, and perhaps its memory to the disk. */
const warmUpSeconds = 1;

async function takeTurns(
  loaded: readonly Loaded[],
  connections: number,
  { rounds, seconds }: Options,
): Promise<Measured[]> {
  const measured = loaded.map(({ id, name, run }) => ({ id, name, run, samples: [] as Sample[] }));
  for (let round = 0; round < rounds; round++) {
    for (const { run, samples } of round % 2 ? measured.toReversed() : measured) {
      await run(connections, warmUpSeconds);
      samples.push(await run(connections, seconds));
    }
  }
  return measured;
}

/** Signs people in, and looks at the answers once. */
export async function prepare(
  bench: Bench,
  { name, server, hasSessions, codes }: Contender,
  { script, line }: Workload,
): Promise<Run> {
  const people = await signInAll(server.url, codes, hasSessions);
  const file = join(bench.folder, `${new URL(server.url).port}.requests`);
  writeFileSync(file, people.map((person) => `${line(person)}\n`).join(""));
  const run = { url: server.url, script };
  const checked = await runWrk({ ...run, args: [file, "check"], connections: 16, seconds: 2 });
  return async (connections, seconds) => {
    const before = server.usage().cpuMs;
    const load = await runWrk({ ...run, args: [file], connections, seconds });
    const cpuMs = server.usage().cpuMs - before;
    if (script === "cycle") demandSameAnswers(name, checked, load);
    return toSample(load, cpuMs);
  };
}

/** While it is measured no answer is looked at, but an error has another length. */
function demandSameAnswers(name: string, checked: Load, load: Load): void {
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
