import type { Bench } from "../bench.ts";
import { loadTables } from "../load/load-table.ts";
import { measureLoad, startAll } from "../load/measure-load.ts";
import { meWorkload } from "../load/workloads.ts";

const ids = [
  ...["limit", "floor", "mercurius", "mercurius-prepared", "fastify", "fastify-prepared", "standalone", "yoga"],
  ...["baseline", "against", "wxpass-info", "wxpass"],
];

/** Reading oneself with a token. */
export async function measureMe(bench: Bench): Promise<string> {
  return loadTables("`me`, SQLite", await measureLoad(bench, await startAll(bench, ids), meWorkload, [16]));
}
