import type { Columns, Row } from "./columns.js";
import { readCsv } from "./read-csv.js";
import { readJsonLines } from "./read-json-lines.js";

/** How a file is written. */
export type Format = "csv" | "jsonl";

/** A row with the line in which it begins, or what is wrong with all of it. */
export type ReadRow = { line: number; row: Row } | { line: number; fault: string };

/** The format that a file's name tells. */
export function formatOf(file: string): Format | undefined {
  const [, extension = ""] = /\.(\w+)$/.exec(file.toLowerCase()) ?? [];
  if (extension === "csv") return "csv";
  return ["jsonl", "ndjson"].includes(extension) ? "jsonl" : undefined;
}

/**
 * Reads rows one after the other, whatever the size of the file.
 * @throws AdminError if nothing can be made of the file
 */
export function readRows(text: AsyncIterable<string>, format: Format, columns: Columns): AsyncGenerator<ReadRow> {
  return format === "csv" ? readCsv(text, columns) : readJsonLines(text, columns);
}
