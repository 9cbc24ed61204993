const minDigits = 4;
const maxDigits = 32;

/** How many characters an id has. */
export const idCharacters = 36;

/**
 * The end of an id as the database writes it, from 4 or more of its digits in any case, with or without hyphens: the whole id, if
 * these are all its digits. Undefined for any other text.
 */
export function parseIdEnd(text: string): string | undefined {
  if (!/^[0-9a-f-]+$/i.test(text)) return undefined;
  const digits = text.replaceAll("-", "").toLowerCase();
  if (digits.length < minDigits || digits.length > maxDigits) return undefined;
  return digits
    .padStart(maxDigits, "_")
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-")
    .replace(/^[_-]+/, "");
}
