import { InvalidArgumentError } from "commander";
import { validate as isUuid } from "uuid";
import { withoutPersonalData } from "../../audit/record-act.js";

/** A UUID as the database writes it. @throws InvalidArgumentError */
export function uuid(text: string): string {
  if (!isUuid(text)) throw new InvalidArgumentError("This is no id; they look like 0192d5e0-….");
  return text.toLowerCase();
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
