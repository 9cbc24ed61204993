import type { Bench } from "../bench.ts";
import { loadTables } from "../load/load-table.ts";
import { measureLoad, startAll } from "../load/measure-load.ts";
import { signInWorkload } from "../load/workloads.ts";

const ids = ["mercurius", "fastify", "standalone", "yoga", "baseline", "against", "wxpass-info", "wxpass"];

/** Signing in people who are known. The rivals write nothing then, for they have no sessions. */
export async function measureWxLogin(bench: Bench): Promise<string> {
  const measured = await measureLoad(bench, await startAll(bench, ids), signInWorkload, [1, 16, 64]);
  return loadTables("`wxLogin` of known people, SQLite", measured);
}
