import { open } from "node:fs/promises";
import { codeOf } from "../../log.js";
import { AdminError } from "../admin-error.js";
import type { Terminal } from "../cli/terminal.js";

/** The bytes of a file, or of the standard input for `-`. */
export async function* readBytes(file: string, { input }: Terminal): AsyncGenerator<Uint8Array> {
  if (file === "-") {
    for await (const chunk of input) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    return;
  }
  try {
    const handle = await open(file);
    yield* handle.createReadStream({ highWaterMark: 1 << 18 });
  } catch (error) {
    const code = codeOf(error);
    throw new AdminError(`${file} can't be read (${code}).`);
  }
}

/**
 * Bytes as text, without a mark at the beginning.
 * @throws AdminError if they aren't UTF-8
 */
export async function* decodeUtf8(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const decode = (chunk?: Uint8Array) => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch {
      throw new AdminError(
        "The file is not UTF-8. Save it as UTF-8 (in Excel: CSV UTF-8), or convert it: iconv -f GB18030 -t UTF-8 OLD > NEW",
      );
    }
  };
  for await (const chunk of bytes) yield decode(chunk);
  yield decode();
}
