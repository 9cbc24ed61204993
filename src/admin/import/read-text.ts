import { open } from "node:fs/promises";
import type { Text } from "../../errors.js";
import { codeOf } from "../../log.js";
import { AdminError } from "../admin-error.js";

/** Characters that a row may have, also one with a picture in it: more means that its end is missing. */
export const maxRowCharacters = 1_000_000;

const chunkBytes = 256 * 1024;

/**
 * The bytes of a file.
 * @throws AdminError if it can't be read
 */
export async function* readFile(file: string): AsyncGenerator<Uint8Array> {
  try {
    const handle = await open(file);
    yield* handle.createReadStream({ highWaterMark: chunkBytes });
  } catch (error) {
    const code = codeOf(error);
    throw new AdminError({ zh: `${file} 无法读取（${code}）。`, en: `${file} can't be read (${code}).` });
  }
}

/** How `.xlsx` and other ZIP archives begin, and `.xls`. */
const workbooks = ["504b0304", "d0cf11e0"];

/** Bytes that tell how a text is written, and what isn't one. */
const headBytes = 4;

/**
 * Bytes as text, without a mark at the beginning: UTF-8, or UTF-16 as Excel's "Unicode Text" has it.
 * @throws AdminError if they are neither
 */
export async function* decodeText(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let head = Buffer.alloc(0);
  let decode: ReturnType<typeof createDecoder> | undefined;
  for await (const chunk of bytes) {
    if (decode) {
      yield decode(chunk);
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < headBytes) continue;
    decode = createDecoder(head);
    yield decode(head);
  }
  if (!decode) {
    decode = createDecoder(head);
    yield decode(head);
  }
  yield decode();
}

/** What is wrong with a file in which nothing stands. */
export const isEmpty: Text = { zh: "文件是空的。", en: "The file is empty." };

const notUtf8: Text = {
  zh: "文件不是 UTF-8 编码。请另存为 UTF-8（Excel 里选“CSV UTF-8”），或者转换：iconv -f GB18030 -t UTF-8 旧文件 > 新文件",
  en: "The file is not UTF-8. Save it as UTF-8 (in Excel: CSV UTF-8), or convert it: iconv -f GB18030 -t UTF-8 OLD > NEW",
};

const notUtf16: Text = {
  zh: "文件开头是 UTF-16，后面却是别的编码。",
  en: "The file begins as UTF-16 and goes on as something else.",
};

const isWorkbook: Text = {
  zh: "这是 Excel 工作簿或压缩包。请另存为“CSV UTF-8”。",
  en: "This is a workbook of Excel's, or an archive. Save it as CSV UTF-8.",
};

function createDecoder(head: Buffer): (chunk?: Uint8Array) => string {
  if (workbooks.includes(head.toString("hex", 0, headBytes))) {
    throw new AdminError(isWorkbook);
  }
  const encoding = encodingOf(head);
  const decoder = new TextDecoder(encoding, { fatal: true });
  return (chunk) => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch {
      throw new AdminError(encoding === "utf-8" ? notUtf8 : notUtf16);
    }
  };
}

/** By the mark, else by a NUL beside the first character, which has one in UTF-16 if it is of ASCII. */
function encodingOf([first, second]: Buffer): "utf-8" | "utf-16le" | "utf-16be" {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  if (first && second === 0) return "utf-16le";
  return first === 0 && second ? "utf-16be" : "utf-8";
}
