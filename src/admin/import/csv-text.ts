import { maxRowCharacters } from "./read-text.js";

/**
 * Text with one kind of line breaks, whichever it has: CRLF, LF, or CR alone as old programs for the Mac write it. The first
 * piece holds the whole first line.
 */
export async function* withLineFeeds(text: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = "";
  let lineBreak: RegExp | undefined;
  for await (const chunk of text) {
    rest += chunk;
    lineBreak ??= firstLineBreak(rest);
    if (!lineBreak) continue;
    const end = rest.endsWith("\r") ? -1 : rest.length;
    yield rest.slice(0, end).replace(lineBreak, "\n");
    rest = rest.slice(end === -1 ? -1 : rest.length);
  }
  if (rest !== "") yield rest.replace(/\r\n?/g, "\n");
}

/** What ends the first line that isn't empty; undefined as long as that can't be told. */
function firstLineBreak(text: string): RegExp | undefined {
  if (text.length > maxRowCharacters) return /\r\n/g;
  const begin = text.length - text.trimStart().length;
  const length = text.slice(begin).search(/[\r\n]/);
  if (length === -1) return undefined;
  const [first, second] = text.slice(begin + length);
  if (first === "\r" && second === undefined) return undefined;
  return first === "\r" && second !== "\n" ? /\r\n?/g : /\r\n/g;
}

const separators = [",", ";", "\t", "|"];

/** A line that Excel understands, which says how the cells are parted. */
const separatorLine = /^sep=(.)$/i;

/** What parts the cells: the separator that the first line has most of, or that it says. The text comes without such a line. */
export function separatorOf(text: string): { separator: string; text: string } {
  const [line = ""] = text.trimStart().split("\n", 1);
  const [, told] = separatorLine.exec(line) ?? [];
  if (told !== undefined) return { separator: told, text: text.replace(line, "") };
  const count = (separator: string) => line.split(separator).length;
  return { separator: separators.toSorted((a, b) => count(b) - count(a))[0] ?? ",", text };
}
