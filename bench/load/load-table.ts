import { format, median, spread } from "../statistics.ts";
import { renderTable } from "../table.ts";
import type { Measured, Sample } from "./measure-load.ts";

/** A table for each number of connections. */
export const loadTables = (title: string, measured: ReadonlyMap<number, readonly Measured[]>): string =>
  [...measured].map(([connections, all]) => loadTable(`${title}, connections: ${connections}`, all)).join("");

/** The figures of programs under the same load, each beside wxpass; and beside the limit, if it was measured. */
function loadTable(title: string, measured: readonly Measured[]): string {
  const limit = measured.find(({ id }) => id === "limit");
  const wxpass = measured.find(({ id }) => id === "wxpass");
  const columns = ["program", "requests/s", "from–to", "CPU µs", "p50 ms", "p99 ms"];
  if (limit) columns.push("of the limit");
  if (wxpass) columns.push("wxpass to it", "from–to", "by CPU");
  const rows = measured.map((one) => [
    one.name,
    ...figuresOf(one.samples),
    ...(limit ? [format(median(ratios(one, limit, perSecond)), 2)] : []),
    ...(wxpass ? compared(wxpass, one) : []),
  ]);
  return renderTable(title, columns, rows);
}

const perSecond = (sample: Sample) => sample.perSecond;
const perCpu = (sample: Sample) => 1 / sample.cpuUs;

const figuresOf = (samples: readonly Sample[]) => [
  format(median(samples.map(perSecond))),
  spread(samples.map(perSecond)),
  format(median(samples.map(({ cpuUs }) => cpuUs))),
  format(median(samples.map(({ p50Ms }) => p50Ms)), 1),
  format(median(samples.map(({ p99Ms }) => p99Ms)), 1),
];

function compared(wxpass: Measured, other: Measured): string[] {
  if (wxpass === other) return ["", "", ""];
  const speed = ratios(wxpass, other, perSecond);
  return [format(median(speed), 2), spread(speed, 2), format(median(ratios(wxpass, other, perCpu)), 2)];
}

/** Of two programs in the same round, since a round's neighbours share the machine's mood. */
const ratios = (one: Measured, other: Measured, figure: (sample: Sample) => number) =>
  one.samples.flatMap((sample, round) => {
    const beside = other.samples[round];
    return beside ? [figure(sample) / figure(beside)] : [];
  });
