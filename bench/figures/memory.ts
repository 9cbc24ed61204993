import { setTimeout as rest } from "node:timers/promises";
import type { Bench } from "../bench.ts";
import { type Contender, prepare, startAll } from "../load/measure-load.ts";
import { meWorkload, signInWorkload } from "../load/workloads.ts";
import type { Server } from "../server.ts";
import { format, median, spread } from "../statistics.ts";
import { renderTable } from "../table.ts";

const ids = ["standalone", "baseline", "against", "wxpass-info", "wxpass"];

/** After which a server that has started is idle. */
const restMs = 2_000;

/** How often memory is looked at under load. */
const lookMs = 100;

interface Memory {
  name: string;
  idle: number[];
  peak: number[];
}

/** What is resident of a server and its children two seconds after its start, and at most while people sign in and are asked for. */
export async function measureMemory(bench: Bench): Promise<string> {
  const found = new Map<string, Memory>();
  for (let round = 0; round < bench.options.rounds; round++) {
    for (const { id } of bench.select(ids)) {
      for (const contender of await startAll(bench, [id])) {
        const memory = found.get(id) ?? { name: contender.name, idle: [], peak: [] };
        found.set(id, memory);
        await rest(restMs);
        memory.idle.push(contender.server.usage().memoryMb);
        memory.peak.push(await peakOf(bench, contender));
        await contender.server.stop();
      }
    }
  }
  return toTable([...found.values()]);
}

async function peakOf(bench: Bench, contender: Contender): Promise<number> {
  const stop = watchPeak(contender.server);
  for (const workload of [meWorkload, signInWorkload]) {
    const run = await prepare(bench, contender, workload);
    await run(16, bench.options.seconds);
  }
  return stop();
}

function watchPeak(server: Server): () => number {
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, server.usage().memoryMb);
  }, lookMs);
  return () => {
    clearInterval(timer);
    return peak;
  };
}

function toTable(found: readonly Memory[]): string {
  const [first] = found;
  const columns = ["program", "idle MB", "from–to", "load MB", "from–to", "idle ratio", "load ratio"];
  const rows = found.map(({ name, idle, peak }) => [
    name,
    ...[format(median(idle)), spread(idle), format(median(peak)), spread(peak)],
    ...(first ? [format(median(idle) / median(first.idle), 2), format(median(peak) / median(first.peak), 2)] : []),
  ]);
  return renderTable(`Memory, 16 connections, SQLite; ratios to ${first?.name}`, columns, rows);
}
