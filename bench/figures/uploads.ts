import { setTimeout as rest } from "node:timers/promises";
import sharp from "sharp";
import type { Bench } from "../bench.ts";
import { everybody } from "../load/measure-load.ts";
import { meBody, type Person, signInAll } from "../people.ts";
import { format, median, spread } from "../statistics.ts";
import { renderTable } from "../table.ts";

/** Requests that begin in a second, however long those before take. */
const perSecond = 100;

/** One request out of so many is an upload. */
const uploadEvery = 20;

interface Load {
  p50Ms: number;
  p99Ms: number;
  stored: number;
  refused: number;
}

/** What the uploads of others do to those who read themselves, both at the same pace. */
export async function measureUploads(bench: Bench): Promise<string> {
  const server = await bench.start(bench.wxpass);
  const people = await signInAll(server.url, everybody, true);
  const form = await makeForm();
  const without: Load[] = [];
  const beside: Load[] = [];
  for (let round = 0; round < bench.options.rounds; round++) {
    without.push(await load(server.url, people, bench.options.seconds));
    beside.push(await load(server.url, people, bench.options.seconds, form));
  }
  await server.stop();
  const ratios = beside.map(({ p99Ms }, round) => p99Ms / (without[round]?.p99Ms ?? Number.NaN));
  const title = `\`me\` beside uploads of ${format(form.body.byteLength / 1e6, 1)} MB, ${perSecond} requests begun a second, SQLite`;
  return renderTable(title, columns, [
    ["no uploads", ...figuresOf(without), "", ""],
    ["every 20th an upload", ...figuresOf(beside), format(median(ratios), 2), spread(ratios, 2)],
  ]);
}

const columns = ["", "p50 ms", "p99 ms", "from–to", "stored", "refused", "p99 to none", "from–to"];

const figuresOf = (loads: readonly Load[]) => [
  format(median(loads.map(({ p50Ms }) => p50Ms)), 1),
  format(median(loads.map(({ p99Ms }) => p99Ms)), 1),
  spread(
    loads.map(({ p99Ms }) => p99Ms),
    1,
  ),
  format(median(loads.map(({ stored }) => stored))),
  format(median(loads.map(({ refused }) => refused))),
];

/** The body of a request, made once: whoever loads should have nothing else to do. */
interface Form {
  type: string;
  body: Uint8Array<ArrayBuffer>;
}

/** A JPEG of five million pixels, as grainy as makes it two megabytes, as `wx.uploadFile` sends it. */
async function makeForm(): Promise<Form> {
  const noise = { type: "gaussian", mean: 128, sigma: 20 } as const;
  const image = sharp({ create: { width: 2_560, height: 1_920, channels: 3, background: "grey", noise } });
  const picture = new Blob([new Uint8Array(await image.jpeg({ quality: 87 }).toBuffer())], { type: "image/jpeg" });
  const form = new FormData();
  form.set("file", picture, "picture.jpg");
  const request = new Request("http://localhost", { method: "POST", body: form });
  return { type: String(request.headers.get("content-type")), body: new Uint8Array(await request.arrayBuffer()) };
}

/** Begins a request at each beat, and waits for all. The time of one counts from its beat. */
async function load(url: string, people: readonly Person[], seconds: number, form?: Form): Promise<Load> {
  const times: number[] = [];
  const uploads: Promise<boolean>[] = [];
  const reads: Promise<void>[] = [];
  const began = performance.now();
  for (let beat = 0; beat < seconds * perSecond; beat++) {
    const due = began + (beat * 1_000) / perSecond;
    await rest(Math.max(0, due - performance.now()));
    const person = people[beat % people.length];
    if (!person) continue;
    if (beat % uploadEvery > 0) reads.push(readMe(url, person).then(() => void times.push(performance.now() - due)));
    else if (form) uploads.push(upload(url, person, form));
  }
  await Promise.all(reads);
  const stored = (await Promise.all(uploads)).filter((isStored) => isStored).length;
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  return { p50Ms: at(0.5), p99Ms: at(0.99), stored, refused: uploads.length - stored };
}

async function readMe(url: string, { token }: Person): Promise<void> {
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
  const response = await fetch(url, { method: "POST", headers, body: meBody });
  const text = await response.text();
  if (text.includes('"errors"')) throw new Error(`me failed: ${text}`);
}

/** False if there are too many already. */
async function upload(url: string, { token }: Person, { type, body }: Form): Promise<boolean> {
  const headers = { authorization: `Bearer ${token}`, "content-type": type };
  const response = await fetch(new URL("/avatar", url), { method: "POST", headers, body });
  const text = await response.text();
  if (text.includes('"RATE_LIMITED"')) return false;
  if (!text.includes('"avatarUrl"')) throw new Error(`an upload failed: ${text}`);
  return true;
}
