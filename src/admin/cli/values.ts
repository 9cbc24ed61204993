import { InvalidArgumentError } from "commander";
import { validate as isUuid } from "uuid";
import { withoutPersonalData } from "../../audit/record-act.js";
import { boundsOfDay } from "../../clock.js";
import { readPhoneNumber } from "../../phone-number.js";
import { parseIdEnd } from "../id-end.js";

/** A UUID as the database writes it. @throws InvalidArgumentError */
export function uuid(text: string): string {
  if (!isUuid(text)) throw new InvalidArgumentError("This is no id; they look like 0192d5e0-….");
  return text.toLowerCase();
}

/** An id, or the end of one, as the database writes it. @throws InvalidArgumentError */
export function idOrEnd(text: string): string {
  const end = parseIdEnd(text);
  if (end === undefined) throw new InvalidArgumentError("Give the id, or 4 or more digits from its end.");
  return end;
}

/** A phone number in E.164, as people write it. @throws InvalidArgumentError */
export function phoneNumber(text: string): string {
  const number = readPhoneNumber(text);
  if (number === undefined)
    throw new InvalidArgumentError("Write it like 13800138000, or in full, such as +85261234567.");
  return number;
}

/** A day such as 2026-01-31. @throws InvalidArgumentError */
export function day(text: string): string {
  if (!boundsOfDay(text)) throw new InvalidArgumentError("It must be a day such as 2026-01-31.");
  return text;
}

/** How many of something to show. @throws InvalidArgumentError */
export function count(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError("It must be a number from 1 to 9999.");
  return Number(text);
}

const maxReasonCharacters = 200;

/** Why something is done, for the audit log. @throws InvalidArgumentError */
export function reason(text: string): string {
  if (text.length > maxReasonCharacters) throw new InvalidArgumentError("It may have 200 characters at most.");
  if (withoutPersonalData(text) !== text) {
    throw new InvalidArgumentError(
      "Leave out phone numbers, e-mail addresses and ids of WeChat's: the audit log stays when a person is erased.",
    );
  }
  return text;
}
