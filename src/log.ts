import { inSource } from "./source-place.js";

/** An error as the log shows it: kinds, driver codes and places, without the values that a message may carry. */
export interface ErrorDescription {
  type: string;
  code?: string;
  message: string;
  stack?: string[];
  cause?: ErrorDescription;
}

/** How many causes behind each other are told. */
const maxCauses = 5;

/** Describes an unexpected error for the log, with everything cut out that could be a secret or somebody's data. */
export function describeError(error: unknown): ErrorDescription {
  return describe(error, maxCauses);
}

function describe(error: unknown, causesLeft: number): ErrorDescription {
  if (!(error instanceof Error)) return { type: typeof error, message: "a value that is no Error was thrown" };
  const code = codeOf(error);
  return {
    type: error.constructor.name,
    ...(code !== undefined && { code }),
    message: redact(error.message),
    stack: stackOf(error),
    ...(error.cause instanceof Error && causesLeft > 0 && { cause: describe(error.cause, causesLeft - 1) }),
  };
}

/** The code that Node, a driver or a library gave an error, such as `ENOENT`; undefined if there is none. */
export function codeOf(error: unknown): string | undefined {
  const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined;
  return typeof code === "string" ? code : undefined;
}

/** The code of an error, or of the first of its causes that has one: fetch hides that of the network. */
export function codeInCauses(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const code = codeOf(cause);
    if (code !== undefined) return code;
  }
  return undefined;
}

/** A place in the code, as V8 writes it. */
const frame = /^\s+at .+(?::\d+:\d+\)?|\(<anonymous>\)|\(native\))$/;

/** The stack without its head, which repeats the message, values included; lines of the message may look like places. */
function stackOf({ stack = "", message }: Error): string[] {
  const said = new Set(message.split("\n"));
  const frames = stack
    .split("\n")
    .filter((line) => line.length < maxMessageLength && frame.test(line) && !said.has(line));
  return frames.slice(0, 12).map((line) => inSource(line.trim()));
}

/** Characters of a message that are looked at: enough for any that people can read. */
const maxMessageLength = 2_000;

/** What the ORM writes before a detail of PostgreSQL's. */
const detail = "\n - detail: ";

/** Quoted text from the first quotation mark to the last, or to the end: what is quoted may have such marks in it. An apostrophe is none. */
const quoted = /"(?:.*"|.*)|`(?:.*`|.*)|[\u201c\u201e\u00ab](?:.*[\u201c\u201d\u00bb]|.*)|(?<!\w)'(?:.*'(?!\w)|.*)/gs;

/**
 * Cuts out of a message what could be a secret or somebody's data: quoted text, queries of addresses, e-mail addresses,
 * and any run of twenty letters or eight digits, but for dates of late. Database drivers put the whole statement before their own words, and
 * " - " between them; the statement goes. So does the detail that PostgreSQL puts behind: the whole row, or a key with its values.
 */
export function redact(message: string): string {
  const [withoutDetail = ""] = message.split(detail, 1);
  const own = withoutDetail.split(" - ").at(-1) ?? "";
  return shortened(own).replace(quoted, "[cut]").replace(/\S+/g, redactWord);
}

function redactWord(word: string): string {
  if (word.includes("@")) return "[cut]";
  return word
    .replace(/\?.*/, "?[cut]")
    .replace(/[\w+/=-]{20,}|\+?\d[\d-]{6,}\d/g, (found) => (recentDate.test(found) ? found : "[cut]"));
}

/** A date from 2020 on, such as a migration's name has: nobody's birthday, for who is so young has no account. */
const recentDate = /^(?:20[2-9]|2[1-9]\d)\d-[01]\d-[0-3]\d$/;

/** The beginning of a text, up to a word that ends there: the rest of one could be half a secret. */
function shortened(text: string): string {
  if (text.length <= maxMessageLength) return text;
  const beginning = text.slice(0, maxMessageLength);
  return `${beginning.slice(0, beginning.search(/\s\S*$/) + 1)}[cut]`;
}
