import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";

/** A place in a built file, as V8 writes it. */
const place = /(file:\/\/\/[^\s()]+):(\d+):(\d+)/;

const maps = new Map<string, SourceMap | undefined>();

/**
 * A line of a stack trace with the place in the sources, such as `src/auth/sign-in.ts:12:3`, instead of the one in the
 * bundle. Maps are read when an error is told of: Node's own way reads them at the start, which would take half as long again.
 */
export function inSource(frame: string): string {
  return frame.replace(place, (built, file: string, line: string, column: string) => {
    const found = mapOf(file)?.findOrigin(Number(line), Number(column));
    if (!found || !("fileName" in found)) return built;
    return `${found.fileName.replace(/^(\.\.\/)+/, "")}:${found.lineNumber}:${found.columnNumber}`;
  });
}

function mapOf(file: string): SourceMap | undefined {
  if (!maps.has(file)) maps.set(file, readMap(new URL(`${file}.map`)));
  return maps.get(file);
}

function readMap(file: URL): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
}
