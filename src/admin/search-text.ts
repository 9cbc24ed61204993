import { validate as isUuid } from "uuid";
import { readPhoneNumber } from "../phone-number.js";
import { parseIdEnd } from "./id-end.js";
import type { Filters } from "./search.js";

/** What somebody who types a text may mean by it. */
interface Reading {
  meant: Filters;
  /** Meant only if one user is found. */
  isOne?: true;
}

/**
 * What a text may mean, the likeliest first. Four letters may be a name and the end of an id, of which many have the same: so an
 * end that one alone has comes before the names, and one that several have after them.
 */
export function readingsOf(typed: string): Reading[] {
  const text = typed.trim();
  if (text === "") return [{ meant: {} }];
  const idEnd = parseIdEnd(text);
  const phone = readPhoneNumber(text);
  const readings: Reading[] = [];
  if (idEnd !== undefined && isUuid(idEnd)) readings.push({ meant: { id: idEnd } });
  if (phone !== undefined) readings.push({ meant: { phone } });
  if (/^[^\s@]+@[^\s@]+$/.test(text)) readings.push({ meant: { email: text } });
  if (/^[\w-]{28}$/.test(text)) readings.push({ meant: { openid: text } }, { meant: { unionid: text } });
  if (idEnd !== undefined) readings.push({ meant: { idEnd }, isOne: true });
  readings.push({ meant: { nickname: text } });
  if (idEnd !== undefined) readings.push({ meant: { idEnd } });
  return readings;
}
