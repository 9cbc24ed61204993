import { z } from "zod";
import { AdminError } from "../admin-error.js";
import { type Columns, type ReadRow, rowOf } from "./columns.js";
import { isEmpty, maxRowCharacters } from "./read-text.js";

const objectShape = z.record(z.string(), z.unknown());

/** What `manage.py dumpdata --format jsonl` writes. */
const djangoShape = z.object({ model: z.string(), fields: objectShape });

/**
 * Reads one JSON object a line.
 * @throws AdminError if the file is one JSON array, or no line of it is a JSON object
 */
export async function* readJsonLines(text: AsyncIterable<string>, columns: Columns): AsyncGenerator<ReadRow> {
  let understood = 0;
  let line = 0;
  for await (const content of readLines(text)) {
    line++;
    if (content.trim() === "") continue;
    if (line === 1 && content.trimStart().startsWith("[")) {
      throw new AdminError({
        zh: "这是一个 JSON 数组。请改成每行一个对象，例如用：jq -c '.[]'",
        en: "This is a JSON array. Write one object a line instead, for example with: jq -c '.[]'",
      });
    }
    const object = parseObject(content);
    if (object) understood++;
    yield object
      ? { line, row: rowOf(columns.fieldsOf(Object.keys(object)), Object.values(object)) }
      : { line, fault: { zh: "不是 JSON 对象", en: "is no JSON object" } };
  }
  if (line === 0) throw new AdminError(isEmpty);
  if (understood === 0) {
    throw new AdminError({ zh: "文件里没有一行是 JSON 对象。", en: "No line of the file is a JSON object." });
  }
}

function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const object = objectShape.safeParse(JSON.parse(line)).data;
    return djangoShape.safeParse(object).data?.fields ?? object;
  } catch {
    return undefined;
  }
}

/** Lines as JSON lines are parted: by line feeds alone, since the other separators may stand in a JSON text. */
async function* readLines(text: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of text) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
    if (rest.length > maxRowCharacters) {
      throw new AdminError({
        zh: "有一行超过一百万个字符，这真的是 JSON Lines 文件吗？",
        en: "A line is longer than a million characters: is this really JSON lines?",
      });
    }
  }
  if (rest !== "") yield rest;
}
