import { validate as isUuid } from "uuid";
import { boundsOfDay } from "../clock.js";
import type { Text } from "../errors.js";
import { AdminError } from "./admin-error.js";
import { parseIdEnd } from "./id-end.js";

/** Whom an operator looks for: all of these are demanded. */
export interface Filters {
  id?: string;
  /** What the id ends with: 4 or more of its digits, in any case, with or without hyphens. */
  idEnd?: string;
  /** In E.164. */
  phone?: string;
  /** In any case. */
  email?: string;
  openid?: string;
  unionid?: string;
  /** How it begins, in any case. */
  nickname?: string;
  /** Only the disabled, or only the others. */
  disabled?: boolean;
  /** The app in which somebody has signed in, or was imported. */
  appId?: string;
  /** A day in China, such as `2026-01-31`. */
  signedUpOn?: string;
  /** A day in China; null for those who never have. */
  lastSignInOn?: string | null;
}

/** Which of them are wanted. */
export interface Search extends Filters {
  /** How many users at most. */
  limit: number;
  /** The last user of the page before. */
  after?: string;
}

/** What is wrong with what should be an id, the end of one, or a day. */
export const noId: Text = { zh: "这不是 ID，ID 形如 0192d5e0-…。", en: "This is no id; they look like 0192d5e0-…." };
export const noIdEnd: Text = {
  zh: "请给出完整的 ID，或者它的末 4 位以上（0–9、a–f）。",
  en: "Give the id, or 4 or more digits from its end, 0 to 9 and a to f.",
};
export const noDay: Text = { zh: "请写成真实的日期，如 2026-01-31。", en: "It must be a day such as 2026-01-31." };

/** No value that is held is longer. */
const maxValueBytes = 1_024;

/** Whether a text could be that of a value that is held: PostgreSQL fails at any other. */
const isPossible = (value: unknown) =>
  typeof value !== "string" ||
  (Buffer.byteLength(value) <= maxValueBytes && value.isWellFormed() && !value.includes("\0"));

/** Whether anybody can be found at all. */
export const canBeFound = (search: Search): boolean => Object.values(search).every(isPossible);

/**
 * A search with its ids as the database writes them.
 * @throws AdminError if an id, the end of one, or a day can't be one
 */
export function normalizeSearch({ id, idEnd, after, ...rest }: Search): Search {
  for (const day of [rest.signedUpOn, rest.lastSignInOn]) requireDay(day ?? undefined);
  return {
    ...rest,
    ...(id !== undefined && { id: requireId(id) }),
    ...(idEnd !== undefined && { idEnd: requireIdEnd(idEnd) }),
    ...(after !== undefined && { after: requireId(after) }),
  };
}

function requireId(text: string): string {
  if (!isUuid(text)) throw new AdminError(noId);
  return text.toLowerCase();
}

function requireIdEnd(text: string): string {
  const end = parseIdEnd(text);
  if (end === undefined) throw new AdminError(noIdEnd);
  return end;
}

function requireDay(text: string | undefined): void {
  if (text !== undefined && !boundsOfDay(text)) throw new AdminError(noDay);
}
