import type { Columns, Row } from "./columns.js";
import type { Format } from "./format.js";
import { readCsv } from "./read-csv.js";
import { readJsonLines } from "./read-json-lines.js";

/** A row with the line in which it begins, or what is wrong with all of it. */
export type ReadRow = { line: number; row: Row } | { line: number; fault: string };

/**
 * Reads rows one after the other, whatever the size of the file.
 * @throws AdminError if nothing can be made of the file
 */
export function readRows(text: AsyncIterable<string>, format: Format, columns: Columns): AsyncGenerator<ReadRow> {
  return format === "csv" ? readCsv(text, columns) : readJsonLines(text, columns);
}
