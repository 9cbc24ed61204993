import type { Text } from "../../errors.js";
import { isEmptyWord, maxPlainBytes, maxTextBytes, plainText, textOf } from "./cell.js";
import type { Row } from "./columns.js";
import type { ImportField } from "./fields.js";

/** Something that is not imported: a field, or all of a row. */
export interface Problem {
  line: number;
  field?: ImportField;
  /** It says nothing about the person. */
  reason: Text;
  /** Whether the field holds a word that programs write for nothing: there are many of them, and nobody misses one. */
  isEmptyWord?: true;
}

/** Gives what stands in the fields of a row; undefined where there is nothing, or nothing that can be used. */
export interface RowReader {
  /** What people have written. */
  text(field: ImportField): string | undefined;
  /** What programs have written. */
  plain(field: ImportField): string | undefined;
  /** What a rule makes of what programs have written. */
  read<Value>(field: ImportField, rule: (text: string) => Value | undefined, fault: Text): Value | undefined;
}

/** Makes a reader that adds what it can't use to the problems. */
export function createRowReader(line: number, row: Row, problems: Problem[]): RowReader {
  function content(field: ImportField, maxBytes: number): string | undefined {
    const found = textOf(row[field]);
    if (found === undefined) return undefined;
    if (Buffer.byteLength(found) > maxBytes) problems.push({ line, field, reason: { zh: "太长", en: "is too long" } });
    else if (!found.isWellFormed())
      problems.push({ line, field, reason: { zh: "含有损坏的字符", en: "contains broken characters" } });
    else if (isEmptyWord(found))
      problems.push({ line, field, reason: { zh: "是表示空值的词", en: "is a word for nothing" }, isEmptyWord: true });
    else return found;
    return undefined;
  }

  const plain = (field: ImportField) => plainText(content(field, maxPlainBytes) ?? "") || undefined;

  return {
    text: (field) => content(field, maxTextBytes),
    plain,
    read(field, rule, fault) {
      const found = plain(field);
      const value = found === undefined ? undefined : rule(found);
      if (found !== undefined && value === undefined) problems.push({ line, field, reason: fault });
      return value;
    },
  };
}

/** An id that says whom a row is about; a word for nothing is none. */
export function idOf(value: unknown): string | undefined {
  const text = textOf(value);
  if (text === undefined || isEmptyWord(text)) return undefined;
  return Buffer.byteLength(text) > maxPlainBytes ? "\0" : plainText(text) || undefined;
}
