import { Readable } from "node:stream";
import { CsvError, parse } from "csv-parse";
import { z } from "zod";
import { AdminError } from "../admin-error.js";
import { type ColumnFields, type Columns, type ReadRow, rowOf } from "./columns.js";
import { maxRowCharacters, separatorOf, withLineFeeds } from "./csv-text.js";

const parsedShape = z.object({ record: z.array(z.string()), raw: z.string() });

/**
 * Reads CSV whose first row names the columns. A quote where none may be is taken as it stands, cells that are missing at the
 * end of a row are empty, and a row in which nothing stands is none.
 * @throws AdminError if there is no header, it names no openid, or a quote is never closed
 */
export async function* readCsv(text: AsyncIterable<string>, columns: Columns): AsyncGenerator<ReadRow> {
  let header: ColumnFields | undefined;
  for await (const { line, cells } of readCells(text)) {
    if (cells.every(isBlank)) continue;
    if (!header) header = readHeader(cells, columns);
    else if (cells.slice(header.length).every(isBlank)) yield { line, row: rowOf(header, cells) };
    else yield { line, fault: "has not as many cells as the header" };
  }
  if (!header) throw new AdminError("The file is empty.");
}

const isBlank = (cell: string) => cell.trim() === "";

function readHeader(cells: string[], columns: Columns): ColumnFields {
  const names = cells.map((name) => name.trim());
  const header = columns.fieldsOf(names);
  const missing = columns.mapped.filter((name) => !names.includes(name));
  if (missing.length > 0) throw new AdminError(`The file has no column ${missing.join(", ")}, which --map names.`);
  if (header.includes("openid")) return header;
  throw new AdminError("The first line names no column openid. If yours has another name, add: --map NAME=openid");
}

async function* readCells(text: AsyncIterable<string>): AsyncGenerator<{ line: number; cells: string[] }> {
  // Where the row that is being read begins.
  let line = 1;
  try {
    for await (const parsed of await parseCsv(withLineFeeds(text))) {
      const { record, raw } = parsedShape.parse(parsed);
      const blankLines = raw.search(/[^\n]/);
      yield { line: line + blankLines, cells: record };
      line += raw.split("\n").length - 1;
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new AdminError(
      `The row that begins in line ${line} doesn't end: is a quote missing? Nothing after it was read.`,
    );
  }
}

async function parseCsv(pieces: AsyncGenerator<string>): Promise<AsyncIterable<unknown>> {
  const first = await pieces.next();
  const { separator, text } = separatorOf(first.done ? "" : first.value);
  const options = {
    delimiter: separator,
    record_delimiter: "\n",
    raw: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: maxRowCharacters,
  };
  async function* all() {
    yield text;
    yield* pieces;
  }
  return Readable.from(all()).compose(parse(options));
}
