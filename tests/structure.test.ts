import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";

/*
 * Imports point one way, so that each part can be read, tested and changed alone: the edges and resolvers use the use
 * cases, those use entities and errors, and nothing points back. Only types may cross where a value may not.
 */

const src = join(import.meta.dirname, "../src");

interface Import {
  from: string;
  to: string;
  isType: boolean;
}

const files = globSync("**/*.ts", { cwd: src });

const imports: Import[] = files.flatMap((from) => {
  const text = readFileSync(join(src, from), "utf8");
  return [...text.matchAll(/^(?:import|export)( type)? [^;]*?from "([^"]+)"|import\("([^"]+)"\)/gm)].map((match) => {
    const target = match[2] ?? match[3] ?? "";
    const to = target.startsWith(".")
      ? relative(src, join(src, dirname(from), target)).replace(/\.js$/, ".ts")
      : target;
    return { from, to, isType: match[1] !== undefined };
  });
});

const offending = (from: RegExp, to: RegExp, { types }: { types: boolean }) =>
  imports
    .filter((line) => from.test(line.from) && to.test(line.to) && (types || !line.isType))
    .map((line) => `${line.from} imports ${line.to}`);

test("the scan sees the imports", () => {
  expect(files.length).toBeGreaterThan(30);
  expect(offending(/^app\.ts$/, /^http\/server\.ts$/, { types: true })).toHaveLength(1);
});

test("user knows nothing of sign-in, phone or avatar", () => {
  expect(offending(/^user\//, /^(auth|phone|avatar|privacy)\//, { types: true })).toEqual([]);
});

test("phone and avatar know nothing of each other", () => {
  expect(offending(/^phone\//, /^avatar\//, { types: true })).toEqual([]);
  expect(offending(/^avatar\//, /^phone\//, { types: true })).toEqual([]);
});

test("wechat knows no ORM, no GraphQL and no feature", () => {
  expect(offending(/^wechat\//, /mikro-orm|graphql|^(auth|user|phone|avatar|privacy|http)\//, { types: true })).toEqual(
    [],
  );
});

test("only http knows the web framework", () => {
  expect(offending(/^(?!http\/)/, /fastify|@apollo\/server/, { types: true })).toEqual([]);
});

test("nothing but the composition root imports http, and nothing imports main", () => {
  expect(offending(/^(?!http\/|app\.ts$)/, /^http\//, { types: true })).toEqual([]);
  expect(offending(/./, /^(app|main)\.ts$|mikro-orm\.config/, { types: false })).toEqual(["main.ts imports app.ts"]);
});

test("use cases and entities import the context as a type only", () => {
  expect(offending(/^(?!http\/|app\.ts$)/, /^context\.ts$/, { types: false })).toEqual([]);
});

test("limits and metrics know no feature, and only they know their libraries", () => {
  expect(
    offending(/^(limits\/|metrics\.ts)/, /^(auth|user|phone|avatar|privacy|wechat|http)\//, { types: true }),
  ).toEqual([]);
  expect(offending(/^(?!limits\/)/, /^rate-limiter-flexible/, { types: true })).toEqual([]);
  expect(offending(/^(?!metrics\.ts)/, /^prom-client/, { types: true })).toEqual([]);
});

test("errors stand on nothing", () => {
  expect(offending(/^errors\.ts$/, /./, { types: true })).toEqual([]);
});

test("only the entries of the two processes know the environment and may end the process", () => {
  const offenders = files.filter(
    (file) =>
      !["main.ts", "admin.ts"].includes(file) && /process\.(env|exit)\b/.test(readFileSync(join(src, file), "utf8")),
  );
  expect(offenders).toEqual([]);
});

test("identities and sessions have no GraphQL type", () => {
  expect(offending(/^auth\/(identity|session)\.ts$/, /graphql/, { types: true })).toEqual([]);
});
