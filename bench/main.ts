import { execFileSync } from "node:child_process";
import { cpus } from "node:os";
import { type Bench, withBench } from "./bench.ts";
import { measureFindUsers } from "./figures/find-users.ts";
import { measureKeys } from "./figures/keys.ts";
import { measureManyPeople } from "./figures/many-people.ts";
import { measureMe } from "./figures/me.ts";
import { measureMemory } from "./figures/memory.ts";
import { measurePostgresql } from "./figures/postgresql.ts";
import { measureRefresh } from "./figures/refresh.ts";
import { measureSize } from "./figures/size.ts";
import { measureStart } from "./figures/start.ts";
import { measureUploads } from "./figures/uploads.ts";
import { measureWxLogin } from "./figures/wx-login.ts";
import { readOptions } from "./options.ts";

const figures: Record<string, (bench: Bench) => Promise<string>> = {
  me: measureMe,
  wxLogin: measureWxLogin,
  refresh: measureRefresh,
  postgresql: measurePostgresql,
  start: measureStart,
  memory: measureMemory,
  manyPeople: measureManyPeople,
  keys: measureKeys,
  uploads: measureUploads,
  size: measureSize,
  findUsers: measureFindUsers,
};

const usage = `Measures wxpass beside what one would pick instead. bench/README.md says more.

  npm run bench -- [--only FIGURE,…] [--programs PROGRAM,…] [--rounds 5] [--seconds 5] [--against FOLDER]

The figures are ${Object.keys(figures).join(", ")}. FOLDER is another checkout of wxpass, installed and built.
`;

function demandWrk(): void {
  try {
    execFileSync("which", ["wrk"], { stdio: "ignore" });
  } catch {
    throw new Error("wrk makes the load, and isn't here: apt-get install wrk, or brew install wrk");
  }
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), Object.keys(figures));
  if (!options) return console.log(usage);
  demandWrk();
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? "unknown processor"}`;
  console.log(`Node.js ${process.version}, ${machine}, medians of ${options.rounds} rounds of ${options.seconds} s`);
  await withBench(options, async (bench) => {
    for (const name of options.only) console.log(await figures[name]?.(bench));
  });
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
