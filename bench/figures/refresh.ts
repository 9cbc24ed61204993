import type { Bench } from "../bench.ts";
import { loadTables } from "../load/load-table.ts";
import { measureLoad, startAll } from "../load/measure-load.ts";
import { refreshWorkload } from "../load/workloads.ts";

const ids = ["baseline", "against", "wxpass-info", "wxpass"];

/** Exchanging refresh tokens, which no rival has. */
export async function measureRefresh(bench: Bench): Promise<string> {
  return loadTables(
    "`refreshToken`, SQLite",
    await measureLoad(bench, await startAll(bench, ids), refreshWorkload, [16]),
  );
}
