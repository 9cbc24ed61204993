import type { SqlEntityManager } from "@mikro-orm/sql";
import type { Columns, ReadRow } from "./columns.js";
import { importPeople } from "./import-people.js";
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
export interface FileImport {
  em: SqlEntityManager;
  bytes: AsyncIterable<Uint8Array>;
  format: Format;
  columns: Columns;
  rules: PersonRules;
  now: () => Date;
  /** Whether what users who are there have left empty is filled in. */
  fill: boolean;
  /** Whether nothing is written. */
  dryRun: boolean;
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
  const memory = { seen: createSeen(), disputedBefore: new Set<string>() };
  for await (const batch of inBatches(rows)) {
    const problems: Problem[] = [];
    const people = batch.flatMap((row) => personOf(row, options.rules, problems) ?? []);
    const outcome = await importPeople({ ...options, ...memory }, people);
    yield { rows: batch.length, outcome: { ...outcome, problems: [...problems, ...outcome.problems] } };
  }
}

function personOf(read: ReadRow, rules: PersonRules, problems: Problem[]) {
  if ("row" in read) return personOfRow(read.line, read.row, rules, problems);
  problems.push({ line: read.line, reason: read.fault });
  return undefined;
}

/** Batches of what comes; what came before an error is a batch of its own. */
async function* inBatches<Item>(items: AsyncIterable<Item>): AsyncGenerator<Item[]> {
  let batch: Item[] = [];
  try {
    for await (const item of items) {
      batch.push(item);
      if (batch.length < batchSize) continue;
      yield batch;
      batch = [];
    }
  } catch (error) {
    if (batch.length > 0) yield batch;
    throw error;
  }
  if (batch.length > 0) yield batch;
}
