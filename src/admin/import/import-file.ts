import type { Columns, ReadRow } from "./columns.js";
import { importPeople } from "./import-people.js";
import { createImportRecord, type Recording } from "./import-record.js";
import { type PersonRules, personOfRow } from "./person-of-row.js";
import type { Outcome } from "./plan.js";
import { readCsv } from "./read-csv.js";
import { readJsonLines } from "./read-json-lines.js";
import { decodeText } from "./read-text.js";
import type { Problem } from "./row-reader.js";
import { createSeen } from "./seen.js";

/** How a file is written. */
export type Format = "csv" | "jsonl";

/** What to import, and how. */
export interface FileImport extends Recording {
  bytes: AsyncIterable<Uint8Array>;
  format: Format;
  columns: Columns;
  rules: PersonRules;
  /** Whether what users who are there have left empty is filled in. */
  fill: boolean;
  /** Whether nothing is written. */
  dryRun: boolean;
  /** Whether no webhook tells of it. */
  quiet: boolean;
}

/** Rows that are done. */
export interface ImportedBatch {
  rows: number;
  outcome: Outcome;
}

/** Rows in a transaction: so many that they don't wait for the disk one by one, so few that nobody who signs in waits long. */
const batchSize = 500;

/**
 * Imports the people of a file, whatever its size, batch by batch: each is done when it is handed out.
 * @throws AdminError if the file can't be read to its end; what was read before is imported
 */
export async function* importFile(options: FileImport): AsyncGenerator<ImportedBatch> {
  const read = { csv: readCsv, jsonl: readJsonLines }[options.format];
  const rows = read(decodeText(options.bytes), options.columns);
  const record = createImportRecord(options);
  const memory = { seen: createSeen(), disputedBefore: new Set<string>(), record };
  try {
    for await (const { batch, isOnly } of inBatches(rows)) {
      record.isShort = isOnly;
      const problems: Problem[] = [];
      const people = batch.flatMap((row) => personOf(row, options.rules, problems) ?? []);
      const outcome = await importPeople({ ...options, ...memory }, people);
      record.add(outcome);
      yield { rows: batch.length, outcome: { ...outcome, problems: [...problems, ...outcome.problems] } };
    }
  } finally {
    await record.end();
  }
}

function personOf(read: ReadRow, rules: PersonRules, problems: Problem[]) {
  if ("row" in read) return personOfRow(read.line, read.row, rules, problems);
  problems.push({ line: read.line, reason: read.fault });
  return undefined;
}

/** Some of what comes, and whether it is all. */
interface Batch<Item> {
  batch: Item[];
  isOnly: boolean;
}

/** Batches of what comes; what came before an error is a batch of its own. */
async function* inBatches<Item>(items: AsyncIterable<Item>): AsyncGenerator<Batch<Item>> {
  let batch: Item[] = [];
  let isOnly = true;
  try {
    for await (const item of items) {
      if (batch.length === batchSize) {
        isOnly = false;
        yield { batch, isOnly };
        batch = [];
      }
      batch.push(item);
    }
  } catch (error) {
    if (batch.length > 0) yield { batch, isOnly };
    throw error;
  }
  if (batch.length > 0) yield { batch, isOnly };
}
