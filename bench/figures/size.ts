import { spawn } from "node:child_process";
import { once } from "node:events";
import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Bench } from "../bench.ts";
import { type Crowd, makeCrowd } from "../crowd.ts";
import { runOnPostgres } from "../postgres.ts";
import { format, median } from "../statistics.ts";
import { renderTable } from "../table.ts";

const admin = resolve(import.meta.dirname, "../../dist/admin.js");

/** What the operator does, by the words after `admin users`. */
const searches = [[], ["--nickname", "person 77"], ["--nickname", "nobody"]];

const columns = [
  "among",
  "metrics ms",
  "livez then ms",
  "users ms",
  "--nickname found ms",
  "not found ms",
  "bytes a person",
];

/** What the operator's work takes among a thousand people and among a million, starting the command included. */
export async function measureSize(bench: Bench): Promise<string> {
  const postgres = await bench.openPostgres();
  const rows: string[][] = [];
  for (const place of [undefined, postgres]) {
    for (const count of [1_000, 1_000_000]) rows.push(await measureCrowd(bench, await makeCrowd(bench, count, place)));
  }
  return renderTable("The operator's work: a scrape that counts sessions, and `admin users`", columns, rows);
}

async function measureCrowd(bench: Bench, crowd: Crowd): Promise<string[]> {
  const scrapes = await repeat(bench, () => scrape(bench, crowd));
  const figures = [scrapes.map(({ ms }) => ms), scrapes.map(({ livezMs }) => livezMs)];
  for (const words of searches) figures.push(await repeat(bench, () => timeAdmin(bench, crowd, words)));
  const bytes = (await sizeOf(crowd)) / crowd.count;
  return [crowd.name, ...figures.map((values) => format(median(values))), format(bytes)];
}

/** Bytes of the database on the disk. */
async function sizeOf({ at: { folder = "", databaseUrl } }: Crowd): Promise<number> {
  if (!databaseUrl) return statSync(join(folder, "data/wxpass.db")).size;
  const { rows } = await runOnPostgres(databaseUrl, "select pg_database_size(current_database()) as bytes");
  return Number(rows[0]?.bytes);
}

async function repeat<T>({ options }: Bench, work: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let round = 0; round < options.rounds; round++) results.push(await work());
  return results;
}

/** The first scrape of a process, and the longest that `/livez` took meanwhile: so long the event loop stood. */
async function scrape(bench: Bench, { at }: Crowd): Promise<{ ms: number; livezMs: number }> {
  const server = await bench.start(bench.wxpass, { ...at, settings: { METRICS: "on" } });
  await timeGet(new URL("/livez", server.url));
  let isOver = false;
  let livezMs = 0;
  const scraped = timeGet(new URL("/metrics", server.url)).finally(() => {
    isOver = true;
  });
  while (!isOver) livezMs = Math.max(livezMs, await timeGet(new URL("/livez", server.url)));
  await server.stop();
  return { ms: await scraped, livezMs };
}

async function timeGet(url: URL): Promise<number> {
  const began = performance.now();
  const response = await fetch(url);
  await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return performance.now() - began;
}

async function timeAdmin(bench: Bench, { at }: Crowd, words: readonly string[]): Promise<number> {
  const { env } = bench.wxpass.launch({ folder: bench.folder, wechatUrl: bench.wechatUrl, ...at });
  const began = performance.now();
  const child = spawn(process.execPath, [admin, "users", ...words], { cwd: at.folder, env, stdio: "ignore" });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`admin users ${words.join(" ")} ended with ${code}`);
  return performance.now() - began;
}
