import type { FastifyRequest } from "fastify";
import { AppError, type Text } from "../../errors.js";
import { codeOf } from "../../log.js";

/** What an uploaded file may have. */
const maxFileBytes = 5_000_000;

/** What the whole body may have: the file, and a little text around it. */
export const maxBodyBytes = 6_000_000;

/** What the multipart parser lets through. Text beyond `fieldSize` is cut off, which is no matter: nobody reads it. */
export const uploadLimits = {
  fileSize: maxFileBytes,
  files: 1,
  fields: 10,
  parts: 11,
  fieldNameSize: 100,
  fieldSize: 10_000,
  headerPairs: 20,
};

/** A request that is no upload; the status says what is wrong with it. */
export class BadUpload extends Error {
  override readonly name = "BadUpload";
  readonly status: 400 | 413 | 415;

  constructor(status: 400 | 413 | 415, cause?: unknown) {
    super(texts[status].en, { cause });
    this.status = status;
  }

  get text(): Text {
    return texts[this.status];
  }
}

const texts: Record<BadUpload["status"], Text> = {
  400: { zh: "请求格式有误", en: "The request is malformed" },
  413: { zh: "图片不能超过 5 MB", en: "The file may have at most 5 MB" },
  415: { zh: "请用 multipart/form-data", en: "The body must be multipart/form-data" },
};

/**
 * Reads the one file of an upload; text fields before or after it are ignored.
 * @throws BadUpload if the body is no sound multipart or too large; AppError `BAD_USER_INPUT` if there isn't exactly one
 *   file, in the field `file`
 */
export async function readUploadedFile(request: FastifyRequest): Promise<Buffer> {
  if (!request.isMultipart()) throw new BadUpload(415);
  if (Number(request.headers["content-length"]) > maxBodyBytes) throw new BadUpload(413);
  // The parser would wait for ever for a client that has left before it listens.
  if (request.raw.destroyed) throw new BadUpload(400);
  const file = await Promise.race([readParts(request), tooLarge(request)]);
  if (!file || file.length === 0) throw noSingleFile();
  return file;
}

async function readParts(request: FastifyRequest): Promise<Buffer | undefined> {
  let file: Buffer | undefined;
  try {
    for await (const part of request.parts()) {
      if (part.type !== "file") continue;
      const bytes = await part.toBuffer();
      if (part.fieldname === "file") file = bytes;
    }
  } catch (error) {
    throw meaningOf(error);
  }
  return file;
}

/** Rejects if the body grows too large without having said so: the parser would read for ever what comes before the first part. */
function tooLarge({ raw }: FastifyRequest): Promise<never> {
  let bytes = 0;
  return new Promise((_, reject) => {
    raw.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBodyBytes) reject(new BadUpload(413));
    });
  });
}

/** The parser's errors that say more than that the body is malformed. */
function meaningOf(error: unknown): Error {
  const code = codeOf(error);
  if (code === "FST_FILES_LIMIT") return noSingleFile();
  return new BadUpload(code === "FST_REQ_FILE_TOO_LARGE" ? 413 : 400, error);
}

const noSingleFile = () =>
  new AppError("BAD_USER_INPUT", {
    field: "file",
    text: { zh: "请用 file 字段上传一个文件", en: "Send exactly one file, in the field “file”" },
  });
