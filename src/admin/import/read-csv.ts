import { Readable } from "node:stream";
import { CsvError, parse } from "csv-parse";
import { z } from "zod";
import { AdminError } from "../admin-error.js";
import { type ColumnFields, type Columns, type ReadRow, rowOf } from "./columns.js";

/** Characters that a row may have: more means that a quote is open by mistake. */
const maxRowCharacters = 100_000;

const parsedShape = z.object({
  record: z.array(z.string()),
  info: z.object({ lines: z.int(), empty_lines: z.int() }),
});

/**
 * Reads CSV whose first row names the columns. A quote where none may be is taken as it stands.
 * @throws AdminError if there is no header, it names no openid, or a quote is never closed
 */
export async function* readCsv(text: AsyncIterable<string>, columns: Columns): AsyncGenerator<ReadRow> {
  let header: ColumnFields | undefined;
  for await (const { line, cells } of readCells(text)) {
    if (!header) header = readHeader(cells, columns);
    else if (cells.length === header.length) yield { line, row: rowOf(header, cells) };
    else yield { line, fault: "has not as many cells as the header" };
  }
  if (!header) throw new AdminError("The file is empty.");
}

function readHeader(cells: string[], columns: Columns): ColumnFields {
  const names = cells.map((name) => name.trim());
  const header = columns.fieldsOf(names);
  const missing = columns.mapped.filter((name) => !names.includes(name));
  if (missing.length > 0) throw new AdminError(`The file has no column ${missing.join(", ")}, which --map names.`);
  if (header.includes("openid")) return header;
  throw new AdminError("The first line names no column openid. If yours has another name, add: --map NAME=openid");
}

async function* readCells(text: AsyncIterable<string>): AsyncGenerator<{ line: number; cells: string[] }> {
  const options = {
    info: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: maxRowCharacters,
  };
  // Where the row that is being read begins.
  let line = 1;
  let empty = 0;
  try {
    for await (const parsed of Readable.from(text).compose(parse(options))) {
      const { record, info } = parsedShape.parse(parsed);
      line += info.empty_lines - empty;
      yield { line, cells: record };
      line = info.lines + 1;
      empty = info.empty_lines;
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new AdminError(
      `The row that begins in line ${line} doesn't end: is a quote missing? Nothing after it was read.`,
    );
  }
}
