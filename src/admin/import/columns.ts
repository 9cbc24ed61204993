import type { Text } from "../../errors.js";
import { fieldOfName, type ImportField } from "./fields.js";

/** A row of the file by our names; the values have yet to be checked. */
export type Row = Partial<Record<ImportField, unknown>>;

/** A row with the line in which it begins, or what is wrong with all of it. */
export type ReadRow = { line: number; row: Row } | { line: number; fault: Text };

/** The field of each column; undefined for one that isn't used. */
export type ColumnFields = readonly (ImportField | undefined)[];

/** What the operator says that columns are; undefined for one that is not to be used. */
export type ColumnMapping = ReadonlyMap<string, ImportField | undefined>;

/** Which column is which field. */
export interface Columns {
  /** The columns of which the operator has said what they are. */
  mapped: readonly string[];
  fieldsOf(names: readonly string[]): ColumnFields;
  /** The columns seen so far that aren't used. */
  unused(): Text[];
}

/** How many unused columns are remembered, and how many ways in which rows of JSON name theirs. */
const maxRemembered = 100;

/** Characters of names that are worth being remembered. */
const maxKeyCharacters = 10_000;

/**
 * Makes out which column is which field: by what the operator says, else by our own name, else by a name that is usual
 * elsewhere. Of several columns for one field the one that is named best, and then the first, is used.
 */
export function createColumns(mapping: ColumnMapping): Columns {
  const known = new Map<string, ColumnFields>();
  const unused = new Map<string, Text>();
  const note = (name: Text) => unused.set(name.en, name);

  function assign(names: readonly string[]): ColumnFields {
    const assigned = assignFields(names, mapping);
    for (const [index, name] of names.entries()) {
      if (assigned[index] || unused.size >= maxRemembered) continue;
      if (names.indexOf(name) < index) note({ zh: `${name}（重复）`, en: `${name} (again)` });
      else if (!mapping.has(name)) note(name ? { zh: name, en: name } : { zh: "（没有名字）", en: "(no name)" });
    }
    return assigned;
  }

  return {
    mapped: [...mapping.keys()],
    fieldsOf(names) {
      const key = names.join("\n");
      const assigned = known.get(key) ?? assign(names);
      if (known.size < maxRemembered && key.length <= maxKeyCharacters) known.set(key, assigned);
      return assigned;
    },
    unused: () => [...unused.values()],
  };
}

function assignFields(names: readonly string[], mapping: ColumnMapping): ColumnFields {
  const best = new Map<ImportField, { index: number; rank: number }>();
  for (const [index, name] of names.entries()) {
    const { field, rank } = mapping.has(name) ? { field: mapping.get(name), rank: 3 } : fieldOfName(name);
    if (field && rank > (best.get(field)?.rank ?? 0)) best.set(field, { index, rank });
  }
  const fieldAt = new Map([...best].map(([field, { index }]) => [index, field]));
  return names.map((_, index) => fieldAt.get(index));
}

/** A row of these cells, by our names. */
export function rowOf(fields: ColumnFields, cells: readonly unknown[]): Row {
  const row: Row = {};
  for (const [index, field] of fields.entries()) if (field) row[field] = cells[index];
  return row;
}
