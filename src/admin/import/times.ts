import { z } from "zod";

/** Ways of writing dates and times, and how each is brought closer to ISO 8601. */
const spellings: [RegExp, string][] = [
  [/^(\d{4})(\d{2})(\d{2})$/, "$1-$2-$3"],
  [/^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/, "$1-$2-$3 $4:$5:$6"],
  [/^(\d{4})年(\d{1,2})月(\d{1,2})[日号]/, "$1-$2-$3 "],
  [/^(\d{4})([/.])(\d{1,2})\2(\d{1,2})(?!\d)/, "$1-$3-$4"],
  [/(\d{1,2})时(\d{1,2})分(\d{1,2})秒/, "$1:$2:$3"],
  [/(\d{1,2})时(\d{1,2})分/, "$1:$2"],
];

const parts =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:T|\s+)(\d{1,2}):(\d{1,2})(?::(\d{1,2})(\.\d{1,9})?)?)?\s*(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?(?: [A-Z]{3,4})?)?$/;

const isoDate = z.iso.date();
const isoTime = z.iso.datetime({ offset: true });

/** A date and time as it is written. */
interface WrittenTime {
  date: string;
  /** Undefined for a date alone. */
  time: string | undefined;
  /** Undefined if the text doesn't say it. */
  offset: string | undefined;
}

function readWritten(text: string): WrittenTime | undefined {
  const usual = spellings.reduce((written, [spelling, replacement]) => written.replace(spelling, replacement), text);
  const found = parts.exec(usual.trim());
  if (!found) return undefined;
  const [, year, month = "", day = "", hour, minute = "", second = "", fraction = "", zone] = found;
  const [paddedHour, ...others] = [hour ?? "", minute, second].map((part) => part.padStart(2, "0"));
  return {
    date: `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`,
    time: hour && `${[paddedHour, ...others].join(":")}${fraction}`,
    offset: zone && usualOffset(zone),
  };
}

function usualOffset(zone: string): string {
  if (/^[A-Z]/.test(zone)) return "Z";
  return `${zone.slice(0, 3)}:${zone.slice(3, 6).replace(":", "").trim() || "00"}`;
}

/** Seconds since 1970 have nine or ten digits for all who live, milliseconds twelve or thirteen. */
function readEpoch(text: string): Date | undefined {
  if (/^-?\d{9,10}(\.\d+)?$/.test(text)) return new Date(Number(text) * 1_000);
  return /^-?\d{12,13}(\.\d+)?$/.test(text) ? new Date(Number(text)) : undefined;
}

/**
 * A moment: as ISO 8601, a database, a spreadsheet or a program writes it, also in seconds or milliseconds since 1970. One
 * without an offset is meant with this one.
 */
export function parseTime(text: string, offset: string): Date | undefined {
  const written = readWritten(text);
  if (!written) return readEpoch(text);
  const normal = `${written.date}T${written.time ?? "00:00:00"}${written.offset ?? offset}`;
  return isoTime.safeParse(normal).success ? new Date(normal) : undefined;
}

const dateInChina = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" });

/** A date, as `YYYY-MM-DD`. That of a moment is the one in China, which had a summer time from 1986 to 1991. */
export function parseDate(text: string, offset: string): string | undefined {
  const written = readWritten(text);
  if (written && !written.time) return isoDate.safeParse(written.date).data;
  const time = parseTime(text, offset);
  return time && dateInChina.format(time);
}
