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
