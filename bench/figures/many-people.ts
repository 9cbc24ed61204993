import type { Bench } from "../bench.ts";
import { type Crowd, makeCrowd } from "../crowd.ts";
import { type Contender, type Measured, measureLoad } from "../load/measure-load.ts";
import { meWorkload } from "../load/workloads.ts";
import type { Postgres } from "../postgres.ts";
import { format, median, spread } from "../statistics.ts";
import { renderTable } from "../table.ts";

/** Reading oneself, among a thousand people and among a million. */
export async function measureManyPeople(bench: Bench): Promise<string> {
  const postgres = await bench.openPostgres();
  const tables = [await measureOn(bench), await measureOn(bench, postgres)];
  return tables.join("");
}

async function measureOn(bench: Bench, postgres?: Postgres): Promise<string> {
  const contenders: Contender[] = [];
  for (const count of [1_000, 1_000_000]) contenders.push(await enter(bench, await makeCrowd(bench, count, postgres)));
  const measured = await measureLoad(bench, contenders, meWorkload, [16]);
  return toTable(measured.get(16) ?? []);
}

async function enter(bench: Bench, { name, at, codes }: Crowd): Promise<Contender> {
  return { id: name, name, server: await bench.start(bench.wxpass, at), hasSessions: true, codes };
}

function toTable(measured: readonly Measured[]): string {
  const [first] = measured;
  const rows = measured.map(({ name, samples }) => {
    const p50 = samples.map(({ p50Ms }) => p50Ms);
    const ratios = p50.map((value, round) => value / (first?.samples[round]?.p50Ms ?? Number.NaN));
    const cpu = median(samples.map(({ cpuUs }) => cpuUs));
    return [name, format(median(p50), 2), spread(p50, 2), format(median(ratios), 2), spread(ratios, 2), format(cpu)];
  });
  const columns = ["among", "p50 ms", "from–to", "to the first", "from–to", "CPU µs"];
  return renderTable("`me`, connections: 16, 1,000 people out of all", columns, rows);
}
