import type { SqlEntityManager } from "@mikro-orm/sql";
import type { Terminal } from "../cli/terminal.js";
import type { Columns } from "./columns.js";
import type { Format } from "./format.js";
import { type ImportOptions, importPeople } from "./import-people.js";
import { type PersonRules, type Problem, personOfRow } from "./person-of-row.js";
import { type ReadRow, readRows } from "./read-rows.js";
import { decodeUtf8, readBytes } from "./read-text.js";
import type { Report } from "./report.js";
import { createSeen } from "./seen.js";

/** What to import, and how. */
export interface FileImport {
  file: string;
  format: Format;
  columns: Columns;
  rules: PersonRules;
  fill: boolean;
  dryRun: boolean;
}

/** Rows in a transaction: so many that they don't wait for the disk one by one, so few that nobody who signs in waits long. */
const batchSize = 500;

/**
 * Imports the people of a file, batch by batch.
 * @throws AdminError if the file can't be read to its end; what was read before is imported
 */
export async function importFile(
  { em, terminal, report }: { em: SqlEntityManager; terminal: Terminal; report: Report },
  { file, format, columns, rules, fill, dryRun }: FileImport,
): Promise<void> {
  const options: ImportOptions = { em, now: terminal.now, seen: createSeen(), fill, dryRun };
  const rows = readRows(decodeUtf8(readBytes(file, terminal)), format, columns);
  for await (const batch of inBatches(rows)) {
    const problems: Problem[] = [];
    const people = batch.flatMap((read) => personOf(read, rules, problems) ?? []);
    const outcome = await importPeople(options, people);
    report.add(batch.length, { ...outcome, problems: [...problems, ...outcome.problems] });
  }
}

function personOf(read: ReadRow, rules: PersonRules, problems: Problem[]) {
  if ("row" in read) return personOfRow(read.line, read.row, rules, (problem) => problems.push(problem));
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
