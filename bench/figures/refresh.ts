import type { Bench } from "../bench.ts";
import { loadTables } from "../load/load-table.ts";
import { measureLoad } from "../load/measure-load.ts";
import { refreshWorkload } from "../load/workloads.ts";

const ids = ["baseline", "against", "wxpass-info", "wxpass"];

/** Exchanging refresh tokens, which no rival has. */
export async function measureRefresh(bench: Bench): Promise<string> {
  return loadTables("`refreshToken`, SQLite", await measureLoad(bench, bench.select(ids), refreshWorkload, [16]));
}
