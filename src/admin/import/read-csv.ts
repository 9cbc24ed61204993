import { CsvError, parse } from "csv-parse";
import { z } from "zod";
import type { Text } from "../../errors.js";
import { AdminError } from "../admin-error.js";
import { type ColumnFields, type Columns, type ReadRow, rowOf } from "./columns.js";
import { separatorOf, withLineFeeds } from "./csv-text.js";
import { isEmpty, maxRowCharacters } from "./read-text.js";

const parsedShape = z.object({ record: z.array(z.string()), raw: z.string() });

/**
 * Reads CSV whose first row names the columns. A quote where none may be is taken as it stands, cells that are missing at the
 * end of a row are empty, and a row in which nothing stands is none.
 * @throws AdminError if there is no header, it names no openid, or a quote is never closed
 */
export async function* readCsv(text: AsyncIterable<string>, columns: Columns): AsyncGenerator<ReadRow> {
  const { separator, rows } = await openCsv(text);
  let header: ColumnFields | undefined;
  for await (const { line, cells } of rows) {
    if (cells.every(isBlank)) continue;
    if (!header) {
      header = readHeader(cells, columns);
      continue;
    }
    const fault = faultOf(cells, header, separator);
    yield fault ? { line, fault } : { line, row: rowOf(header, cells) };
  }
  if (!header) throw new AdminError(isEmpty);
}

/** What is wrong with a row of these cells. */
function faultOf(cells: readonly string[], header: ColumnFields, separator: string): Text | undefined {
  if (cells.some((cell) => holdsRows(cell, header, separator))) {
    return { zh: "把后面的行也包了进来，是不是少了引号？", en: "takes in rows after it: is a quote missing?" };
  }
  if (cells.slice(header.length).every(isBlank)) return undefined;
  return { zh: "列数与表头不符", en: "has not as many cells as the header" };
}

/** Whether other people's rows stand in a cell: then the cells after it are somebody else's. */
function holdsRows(cell: string, header: ColumnFields, separator: string): boolean {
  const [, ...lines] = cell.split("\n");
  return lines.some((line) => /^[\w-]{20,64}$/.test(line.split(separator)[header.indexOf("openid")]?.trim() ?? ""));
}

const isBlank = (cell: string) => cell.trim() === "";

function readHeader(cells: string[], columns: Columns): ColumnFields {
  const names = cells.map((name) => name.trim());
  const header = columns.fieldsOf(names);
  const missing = columns.mapped.filter((name) => !names.includes(name));
  if (missing.length > 0) throw new AdminError(hasNo(missing.join(", ")));
  if (header.includes("openid")) return header;
  throw new AdminError(namesNoOpenid);
}

const hasNo = (names: string): Text => ({
  zh: `文件里没有 --map 指定的列：${names}。`,
  en: `The file has no column ${names}, which --map names.`,
});

const namesNoOpenid: Text = {
  zh: "第一行里没有 openid 列。如果用了别的列名，请加上：--map 列名=openid",
  en: "The first line names no column openid. If yours has another name, add: --map NAME=openid",
};

interface CsvRow {
  /** Where it begins. */
  line: number;
  cells: string[];
}

async function openCsv(text: AsyncIterable<string>): Promise<{ separator: string; rows: AsyncIterable<CsvRow> }> {
  const pieces = withLineFeeds(text);
  const first = await pieces.next();
  const head = separatorOf(first.done ? "" : first.value);
  async function* all() {
    yield head.text;
    yield* pieces;
  }
  return { separator: head.separator, rows: readCells(all(), head.separator) };
}

async function* readCells(text: AsyncIterable<string>, separator: string): AsyncGenerator<CsvRow> {
  const parser = createParser(separator);
  let line = 1;
  for await (const fault of faultsOf(parser, text)) {
    for (const { record, raw } of parser.takeRows()) {
      const emptyLines = raw.search(/[^\n]/);
      yield { line: line + emptyLines, cells: record };
      line += raw.split("\n").length - 1;
    }
    if (fault instanceof CsvError) {
      throw new AdminError({
        zh: `从第 ${line} 行开始的一行没有结束，是不是少了引号？后面的内容没有读取。`,
        en: `The row that begins in line ${line} doesn't end: is a quote missing? Nothing after it was read.`,
      });
    }
    if (fault) throw fault;
  }
}

/** What the parser says after each piece of the text, and after its end. */
async function* faultsOf(parser: Parser, text: AsyncIterable<string>): AsyncGenerator<unknown> {
  for await (const piece of text) yield await parser.write(piece);
  yield await parser.end();
}

type ParsedRow = z.infer<typeof parsedShape>;

/** A parser that hands out what it has read before it tells of a fault: as a stream it would throw that away. */
interface Parser {
  /** Resolves with what is wrong, if anything. */
  write(piece: string): Promise<unknown>;
  end(): Promise<unknown>;
  takeRows(): ParsedRow[];
}

function createParser(separator: string): Parser {
  const rows: ParsedRow[] = [];
  const stream = parse({
    delimiter: separator,
    record_delimiter: "\n",
    raw: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: maxRowCharacters,
    on_record(parsed: unknown) {
      rows.push(parsedShape.parse(parsed));
      return null;
    },
  });
  // Every fault comes by the callbacks as well.
  stream.on("error", () => {}).resume();
  return {
    write: (piece) => new Promise((resolve) => stream.write(piece, resolve)),
    end: () => new Promise((resolve) => stream.end(resolve)),
    takeRows: () => rows.splice(0),
  };
}
