import { join } from "node:path";
import type { Search } from "../../build/admin/search.js";
import type { Bench } from "../bench.ts";
import { type Crowd, commonName, makeCrowd, oldName } from "../crowd.ts";
import { format, median } from "../statistics.ts";
import { renderTable } from "../table.ts";

/** What an operator looks for. */
const searches: Record<string, Partial<Search>> = {
  "the newest": {},
  phone: { phone: "+8613800000030" },
  "e-mail": { email: "PERSON30@example.com" },
  openid: { openid: "o" },
  "the end of an id": { idEnd: "cafe" },
  "a nickname that few have": { nickname: "person 77" },
  "one that half of all have": { nickname: commonName },
  "one that only early people have": { nickname: oldName },
  "a nickname of nobody": { nickname: "nobody" },
  "the disabled": { disabled: true },
  "those who are not": { disabled: false },
  "an app that few have": { appId: "wxsecond" },
  "an app that all have": { appId: "wxbench" },
  "day of sign-up": { signedUpOn: new Date().toISOString().slice(0, 10) },
  "day of the last sign-in": { lastSignInOn: new Date(Date.now() - 5 * 86_400_000).toISOString().slice(0, 10) },
  "who never signed in": { lastSignInOn: null },
};

/** How often each is looked for in a round. */
const searchesPerRound = 20;

/** Each search of the operator's among a thousand people and among a million: the first page, and the page after the 500th. */
export async function measureFindUsers(bench: Bench): Promise<string> {
  const postgres = await bench.openPostgres();
  const crowds: Crowd[] = [];
  for (const place of [undefined, postgres]) {
    for (const count of [1_000, 1_000_000]) crowds.push(await makeCrowd(bench, count, place));
  }
  const figures: number[][] = [];
  for (const crowd of crowds) figures.push(await measureCrowd(bench, crowd));
  const rows = Object.keys(searches).map((name, at) => [name, ...figures.map((times) => format(times[at] ?? 0, 2))]);
  return renderTable("A page of twenty people, ms", ["by", ...crowds.map(({ name }) => name)], rows);
}

async function measureCrowd({ options }: Bench, { at }: Crowd): Promise<number[]> {
  const { connectDatabase } = await import("../../build/database/database.js");
  const { tablesWith } = await import("../../build/entities.js");
  const { findUsers } = await import("../../build/admin/find-users.js");
  const database = await connectDatabase(
    at.databaseUrl
      ? { driver: "postgresql", url: at.databaseUrl, poolSize: 2, waitSeconds: 1 }
      : { driver: "sqlite", file: join(at.folder ?? "", "data/wxpass.db") },
    tablesWith(),
  );
  const medians: number[] = [];
  for (const search of Object.values(searches)) {
    const times: number[] = [];
    for (let run = 0; run < options.rounds * searchesPerRound; run++) {
      const began = performance.now();
      await findUsers(database.em.fork(), { ...search, limit: 20 });
      times.push(performance.now() - began);
    }
    medians.push(median(times));
  }
  await database.close(true);
  return medians;
}
