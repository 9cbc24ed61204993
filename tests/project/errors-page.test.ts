import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { errorKinds } from "../../src/errors.js";

const root = join(import.meta.dirname, "../..");
const read = (file: string) => readFileSync(join(root, file), "utf8");

/** The codes of one of the client's types, as it is shipped. */
function codesOf(type: string): string[] {
  const [, union = ""] =
    new RegExp(`^export type ${type} = (.*);$`, "m").exec(read("miniprogram/client/dist/wxpass.d.ts")) ?? [];
  return [...union.matchAll(/"(\w+)"/g)].map(([, code = ""]) => code);
}

/** The code of each row of a section's table, with what its third column says. */
const rowsOf = (section: string) =>
  [...section.matchAll(/^\| `([A-Z_]+)` \|[^|]*\| ([^|]*) \|/gm)].map(([, code = "", retry = ""]) => [code, retry]);

test.each(["docs/errors.md", "docs/errors.zh-CN.md"])("the tables of %s name the codes that there are", (file) => {
  const [, server = "", request = "", client = ""] = read(file).split(/^## /m);
  expect(Object.fromEntries(rowsOf(server))).toEqual(
    Object.fromEntries(Object.entries(errorKinds).map(([code, { retry }]) => [code, `\`${retry}\``])),
  );
  expect(rowsOf(request).map(([code]) => code)).toEqual(codesOf("RequestErrorCode"));
  expect(rowsOf(client).map(([code]) => code)).toEqual(codesOf("ClientErrorCode"));
});
