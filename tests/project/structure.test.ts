import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";

/*
 * Every import points down, so that each part can be read, tested and changed alone: what knows no feature lies on the
 * ground, what people do stands on it, and the edges come last. An import of a type counts: who names a type depends on
 * where it lives.
 */

const src = join(import.meta.dirname, "../../src");
const read = (file: string) => readFileSync(join(src, file), "utf8");
const files = globSync("**/*.ts", { cwd: src }).map((file) => file.replaceAll("\\", "/"));

interface Import {
  from: string;
  to: string;
}

const imports: Import[] = files.flatMap((from) =>
  [...read(from).matchAll(/^(?:import|export)(?: type)? [^;]*?from "([^"]+)"|import\("([^"]+)"\)/gm)].map((match) => {
    const target = match[1] ?? match[2] ?? "";
    const to = target.startsWith(".")
      ? relative(src, join(src, dirname(from), target)).replace(/\.js$/, ".ts")
      : target;
    return { from, to };
  }),
);

/** The storeys of the house from the top down. What shares a line doesn't know of each other. */
const storeys = [
  ["main.ts", "admin.ts", "library"],
  ["command"],
  ["app.ts", "admin/cli"],
  ["http"],
  ["admin/import"],
  ["admin", "webhooks"],
  ["schema.ts", "entities.ts", "sweeps.ts"],
  ["back-end.ts"],
  ["privacy"],
  ["avatar", "profile"],
  ["moderation", "phone"],
  ["auth", "operators"],
  ["context.ts"],
  ["activity.ts"],
  ["metrics.ts"],
  ["limits", "user", "audit"],
  ["wechat", "database"],
  ["tokens"],
  ["storage", "images"],
  ["errors.ts", "log.ts", "within.ts", "clock.ts", "phone-number.ts", "hosts.ts"],
  ["source-place.ts", "version.ts"],
];

/** Settings stand beside the house: they know the types of what can be set, and only these hand them in. */
const readers = /^(app|back-end)\.ts$|^(command|library|admin\/cli)\/|^http\/server\.ts$/;

const rooms = storeys.flat().toSorted((a, b) => b.length - a.length);
const roomOf = (file: string) => rooms.find((room) => file === room || file.startsWith(`${room}/`));
const storeyOf = (room: string) => storeys.findIndex((storey) => storey.includes(room));

const own = imports.filter(({ to }) => to.endsWith(".ts"));
const shown = ({ from, to }: Import) => `${from} imports ${to}`;
const offending = (from: RegExp, to: RegExp) =>
  imports.filter((line) => from.test(line.from) && to.test(line.to)).map(shown);

test("the scan sees the imports", () => {
  expect(files.length).toBeGreaterThan(100);
  expect(offending(/^app\.ts$/, /^http\/server\.ts$/)).toHaveLength(1);
});

test("every file has its place in the house", () => {
  expect(files.filter((file) => !roomOf(file) && !file.startsWith("settings/"))).toEqual([]);
});

test("every import points down", () => {
  const upward = own.filter(({ from, to }) => {
    const [above, below] = [roomOf(from), roomOf(to)];
    return above && below && above !== below && storeyOf(above) >= storeyOf(below);
  });
  expect(upward.map(shown)).toEqual([]);
});

test("what begins a process imports nothing before it has looked at Node's version", () => {
  for (const entry of ["main.ts", "admin.ts"]) {
    expect(offending(new RegExp(`^${entry}$`), /./)[0]).toBe(`${entry} imports command/boot.ts`);
    expect(read(entry).match(/^import /gm)).toHaveLength(1);
  }
  expect(offending(/^command\/boot\.ts$/, /./)).toEqual(["command/boot.ts imports node:module"]);
  expect(read("command/boot.ts"), "an import of what an old Node hasn't is an error in its syntax").not.toContain(
    "import {",
  );
});

test("each module of the library looks at Node's version before it runs anything else", () => {
  for (const file of ["index.ts", "mikro-orm.ts", "type-graphql.ts"]) {
    expect(/^(?:import|export) .*$/m.exec(read(`library/${file}`))?.[0]).toBe('import "./check-node.js";');
  }
  expect(offending(/^library\/check-node\.ts$/, /./)).toEqual(["library/check-node.ts imports command/boot.ts"]);
});

test("settings are handed in from the top", () => {
  const readBy = own.filter(({ from, to }) => to.startsWith("settings/") && !from.startsWith("settings/"));
  expect(readBy.filter(({ from }) => !readers.test(from)).map(shown)).toEqual([]);
  expect(offending(/^settings\//, /^(http|admin|auth|avatar|profile|phone|privacy|moderation)\//)).toEqual([]);
});

test("no imports run in a circle", () => {
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]) => {
    if (path.includes(file)) return void circles.push([...path.slice(path.indexOf(file)), file].join(" → "));
    if (done.has(file)) return;
    for (const { to } of own.filter(({ from }) => from === file)) visit(to, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  expect(circles).toEqual([]);
});

test("each library stays where its kind of knowledge is", () => {
  expect(offending(/^(?!http\/)/, /fastify|@apollo\/server/)).toEqual([]);
  expect(offending(/^(?!tokens\/)/, /^jsonwebtoken/)).toEqual([]);
  expect(offending(/^(?!metrics\.ts)/, /^prom-client/)).toEqual([]);
  expect(offending(/^(?!images\/)/, /^sharp/)).toEqual([]);
  expect(offending(/^wechat\//, /mikro-orm|graphql/)).toEqual([]);
  expect(offending(/^auth\/(identity|session)\.ts$/, /graphql/)).toEqual([]);
});

test("SQL reaches a driver by database/statement.ts and by the ORM, and by no other way", () => {
  const ways =
    /\.getConnection\(|\.getNativeClient\(|\.executeQuery\(|\.getKysely\(|\bem\.execute\(|CompiledQuery|(?<!\.)\braw\(/;
  const allowed = /^database\//;
  expect(files.filter((file) => ways.test(read(file)) && !allowed.test(file))).toEqual([]);
  expect(offending(/^(?!database\/)/, /^(kysely|pg|better-sqlite3|@mikro-orm\/(sqlite|postgresql))/)).toEqual([]);
});

test("no SQL has a value written into its text: what stands in one is a constant of ours", () => {
  const texts = files.flatMap((file) =>
    [...read(file).matchAll(/\bstatement\(\s*`([^`]*)`/g)].map(([, text = ""]) => ({ file, text })),
  );
  expect(texts.length).toBeGreaterThan(5);
  const written = texts.flatMap(({ file, text }) =>
    [...text.matchAll(/\$\{([^}]*)\}/g)]
      .filter(([, name = ""]) => !/^(sweepBatch|countersTable|max\w+)$/.test(name))
      .map(([name]) => `${file}: ${name}`),
  );
  expect(written).toEqual([]);
});

test("only the commands of the two processes know the environment and may end the process", () => {
  const knowing = files.filter((file) => /process\.(env|exit)\b/.test(read(file)));
  expect(knowing.filter((file) => !file.startsWith("command/"))).toEqual([]);
});

/*
 * A file of 200 lines fits three screens, and a function of 50 one; what is longer holds a second idea. A list (the codes,
 * the meters, the simulator's endpoints) may be longer: it has no second level.
 */
const lists = ["errors.ts", "metrics.ts", "wechat/simulator/endpoints.ts"];

test("no file is longer than 200 lines, and no function than 50, lists apart", () => {
  const measured = files.filter((file) => !file.includes("/migrations/") && !lists.includes(file));
  expect(measured.filter((file) => read(file).split("\n").length > 201)).toEqual([]);
  expect(measured.flatMap((file) => functionsOf(file).filter(({ lines }) => lines > 50))).toEqual([]);
});

/** The functions of a file, by the formatter's indentation: from the line that begins one to the brace that closes it. */
function functionsOf(file: string): { file: string; line: number; lines: number }[] {
  const lines = read(file).split("\n");
  return lines.flatMap((text, index) => {
    const [, indent] =
      /^(\s*)(?:export )?(?:async )?(?:function\b|(?:const \w+ = )?.*=> \{$|(?:async )?\*?\w+\(.*\).* \{$)/.exec(
        text,
      ) ?? [];
    if (indent === undefined || /^\s*(?:if|for|while|switch|try|\} )/.test(text)) return [];
    const end = lines.findIndex((later, at) => at > index && later.startsWith(`${indent}}`));
    return end < 0 ? [] : [{ file, line: index + 1, lines: end - index + 1 }];
  });
}

test("a constant carries its unit in its name, not in a comment", () => {
  const hidden = files.flatMap((file) =>
    [...read(file).matchAll(/\/\*\*[^*]*\b(?:milli)?seconds?\b[^*]*\*\/\n(?:export )?const (\w+) = [\d_. *]+;/gi)]
      .filter(([, name = ""]) => !/(Ms|Seconds|PerSecond)$/.test(name))
      .map(([, name]) => `${file}: ${name}`),
  );
  expect(hidden).toEqual([]);
  const beginning = files.flatMap((file) =>
    [...read(file).matchAll(/\/\*\* (Milliseconds|Seconds|Bytes)\b[^*]*\*\/\n(?:export )?const (\w+) = [\d_. *]+;/g)]
      .filter(([, , name = ""]) => !/(Ms|Seconds|Bytes)$/.test(name))
      .map(([, , name]) => `${file}: ${name}`),
  );
  expect(beginning).toEqual([]);
});
