import type { Bench } from "../bench.ts";
import { loadTables } from "../load/load-table.ts";
import { measureLoad, startAll } from "../load/measure-load.ts";
import { meWorkload, signInWorkload } from "../load/workloads.ts";

const ids = ["baseline", "against", "wxpass-info", "wxpass"];

/** The same on PostgreSQL, whose own processor time is not in the figures. */
export async function measurePostgresql(bench: Bench): Promise<string> {
  const postgres = await bench.openPostgres();
  const me = await measureLoad(bench, await startAll(bench, ids, postgres), meWorkload, [16]);
  const wxLogin = await measureLoad(bench, await startAll(bench, ids, postgres), signInWorkload, [16]);
  return loadTables("`me`, PostgreSQL", me) + loadTables("`wxLogin` of known people, PostgreSQL", wxLogin);
}
