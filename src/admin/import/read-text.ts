import { open } from "node:fs/promises";
import { AdminError } from "../admin-error.js";

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
    const code: unknown = error instanceof Error && Reflect.get(error, "code");
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
