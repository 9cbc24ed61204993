import { parsePhoneNumberFromString } from "libphonenumber-js";

/** A phone number in E.164, such as `+8613800138000`, if this is one that can exist. */
export function parsePhoneNumber(text: string): string | undefined {
  if (!/^\+[1-9]\d{4,14}$/.test(text)) return undefined;
  const number = parsePhoneNumberFromString(text);
  return number?.isPossible() ? number.number : undefined;
}
