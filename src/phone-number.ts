import { parsePhoneNumberFromString } from "libphonenumber-js";

/**
 * A phone number in E.164; undefined for a text that isn't one, or for a number that its country can't have.
 * @see https://www.itu.int/rec/T-REC-E.164
 */
export function parsePhoneNumber(text: string): string | undefined {
  if (!/^\+[1-9]\d{4,14}$/.test(text)) return undefined;
  const number = parsePhoneNumberFromString(text);
  return number?.isPossible() ? number.number : undefined;
}

/** Nobody writes a number with more. */
const maxWrittenCharacters = 40;

/**
 * The same of a number as people write it: with spaces, hyphens and brackets, with 00 for the +, and without +86 if it is a
 * mobile number of China.
 */
export function readPhoneNumber(text: string): string | undefined {
  if (text.length > maxWrittenCharacters) return undefined;
  const plain = text
    .normalize("NFKC")
    .replace(/[\s\p{Pd}()]/gu, "")
    .replace(/^00/, "+");
  return parsePhoneNumber(plain.replace(/^(?:86)?(?=1[3-9]\d{9}$)/, "+86"));
}
