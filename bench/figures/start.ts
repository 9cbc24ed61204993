import { join } from "node:path";
import type { Bench } from "../bench.ts";
import type { Program } from "../programs.ts";
import { format, median, spread } from "../statistics.ts";
import { renderTable } from "../table.ts";

const ids = ["empty", "standalone", "baseline", "against", "wxpass"];

/** Starts in a round: one is too short a moment to tell. */
const startsPerRound = 3;

/** From the start of the process until it answers, on a database that is there. */
export async function measureStart(bench: Bench): Promise<string> {
  const programs = bench.select(ids);
  const figures = new Map(programs.map((program) => [program, [] as number[]]));
  for (const program of programs) await startOnce(bench, program);
  for (let round = 0; round < bench.options.rounds * startsPerRound; round++) {
    for (const [program, times] of figures) times.push(await startOnce(bench, program));
  }
  const least = median([...figures.values()][0] ?? []);
  const columns = ["program", "ms", "from–to", `to ${programs[0]?.name}`];
  const rows = [...figures].map(([{ name }, times]) => [
    name,
    format(median(times)),
    spread(times),
    format(median(times) / least, 1),
  ]);
  return renderTable("Start until it answers, SQLite, the database is there", columns, rows);
}

async function startOnce(bench: Bench, program: Program): Promise<number> {
  const server = await bench.start(program, { folder: join(bench.folder, `start-${program.id}`) });
  await server.stop();
  return server.startMs;
}
