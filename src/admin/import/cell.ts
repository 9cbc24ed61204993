import { z } from "zod";

/** What MongoDB and WeChat's cloud database write for a large number, and for a date. */
const extendedNumber = z.union([
  z.strictObject({ $numberLong: z.string() }).transform(({ $numberLong }) => $numberLong),
  z.strictObject({ $numberInt: z.string() }).transform(({ $numberInt }) => $numberInt),
  z.strictObject({ $numberDouble: z.string() }).transform(({ $numberDouble }) => $numberDouble),
  z.strictObject({ $numberDecimal: z.string() }).transform(({ $numberDecimal }) => $numberDecimal),
]);
const extendedDate = z.strictObject({ $date: z.union([z.string(), z.number(), extendedNumber]) });
const extendedJson = z.union([extendedNumber, extendedDate.transform(({ $date }) => $date)]);

/**
 * A value as text; undefined if it is empty. What is no single value becomes a text that breaks every rule.
 * @see https://www.mongodb.com/docs/manual/reference/mongodb-extended-json/
 */
export function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "object") return unwrapped(String(value).trim()) || undefined;
  const single = extendedJson.safeParse(value);
  return single.success ? textOf(single.data) : "\0";
}

/** Spreadsheets keep text as it stands if it is written as a formula: `="13800138000"`. */
const unwrapped = (text: string) => /^="([^"]*)"$/.exec(text)?.[1]?.trim() ?? text;

/** Bytes that a value may have which people have written, of whatever field. */
export const maxTextBytes = 8 * 1024;

/** Bytes that any other value may have: {@link plainText} takes the square of them. */
export const maxPlainBytes = 512;

/**
 * A text that nobody has written to be read, such as a number or an id, without what programs put around it: quotes, an
 * apostrophe in front, invisible characters; and in plain digits and letters, where they are of full width.
 */
export const plainText = (text: string): string =>
  text
    .normalize("NFKC")
    .replace(/\p{Cf}/gu, "")
    .replace(/^[\s'"`]+|[\s'"`]+$/g, "");

/** A number without what programs add to it, `1.0` or `1.3812345678E10`; one that has lost digits stays as it is. */
export function wholeNumber(text: string): string {
  const [, whole] = /^([+-]?\d+)\.0+$/.exec(text) ?? [];
  const [, first = "", others = "", exponent] = /^(\d)\.(\d+)E\+?(\d+)$/i.exec(text) ?? [];
  return whole ?? (others.length === Number(exponent) ? `${first}${others}` : text);
}

/** What programs write where there is nothing. */
const emptyWords = new Set([
  ...["undefined", "null", "(null)", "<null>", "[null]", "none", "nil", "<nil>", "nan", "<na>", "n/a", "#n/a", "\\n"],
  ...["#null!", "#ref!", "#name?", "#value!", "#num!", "#div/0!", "[object object]", "default", "-", "--", "—", "——"],
  ...["0000-00-00", "0000-00-00 00:00:00", "未填写", "未设置", "未绑定", "未授权", "暂无"],
]);

/** Whether a text is a word of programs for nothing. `Nan` is none: people have that name. */
export function isEmptyWord(text: string): boolean {
  const word = text.length > 30 ? text : plainText(text);
  return /^0{6,}$/.test(word) || (emptyWords.has(word.toLowerCase()) && word !== "Nan");
}
