import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { createColumns } from "../../../src/admin/import/columns.js";
import { readCsv } from "../../../src/admin/import/read-csv.js";

/** A text as it comes from a file, in pieces of so many characters. */
async function* inPieces(text: string, size: number) {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

const rowsOf = (count: number) =>
  Array.from({ length: count }, (_, index) => `o${String(index).padStart(27, "0")},Whole`);

test.each([
  [1, 10],
  [50, 1_000],
  [50, 65_536],
  [700, 1_000],
  [700, 65_536],
  [3_000, 65_536],
])(
  "of %i rows that come %i characters at a time, all are read before a quote that is never closed",
  async (count, size) => {
    const text = ["openid,nickname", ...rowsOf(count), 'ohalf,"Half', "olater,Later", ""].join("\n");
    const lines: number[] = [];
    const reading = (async () => {
      for await (const { line } of readCsv(inPieces(text, size), createColumns(new Map()))) {
        lines.push(line);
        if (line % 500 === 0) await setImmediate();
      }
    })();
    await expect(reading).rejects.toThrow(`The row that begins in line ${count + 2} doesn't end`);
    expect(lines).toEqual(Array.from({ length: count }, (_, index) => index + 2));
  },
);

test("rows before one that is too long are read, and nothing after it", async () => {
  const text = ["openid,nickname", ...rowsOf(50), `olong,${"x".repeat(2_000_000)}`, ...rowsOf(3)].join("\n");
  const lines: number[] = [];
  const reading = (async () => {
    for await (const { line } of readCsv(inPieces(text, 65_536), createColumns(new Map()))) lines.push(line);
  })();
  await expect(reading).rejects.toThrow("The row that begins in line 52 doesn't end");
  expect(lines).toHaveLength(50);
});
