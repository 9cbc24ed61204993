import { createHash } from "node:crypto";
import { AwsV4Signer } from "aws4fetch";
import { type FileStore, fileCaching, fileType } from "./file-store.js";
import type { S3Config } from "./storage-url.js";

interface S3Options {
  fetch: typeof globalThis.fetch;
  now: () => Date;
}

interface S3Request {
  method: "GET" | "PUT" | "DELETE";
  url: string;
  bytes: Uint8Array | undefined;
}

/** For a request with its repetition. */
const requestTimeoutMs = 10_000;

/** What is worth reading of an error's answer. */
const maxErrorBytes = 4_096;

/**
 * Keeps files in a bucket of any service that speaks the S3 protocol, such as Tencent COS, Aliyun OSS and MinIO. Clients
 * fetch them from there, so the bucket, or what stands before it, has to let anybody read.
 */
export function createS3Store(config: S3Config, options: S3Options): FileStore {
  const send = createSender(config, options);

  async function change(method: "PUT" | "DELETE", name: string, bytes?: Uint8Array): Promise<void> {
    const response = await send({ method, url: `${config.url}/${name}`, bytes });
    await response.body?.cancel();
  }

  return {
    put: (name, bytes) => change("PUT", name, bytes),
    remove: (name) => change("DELETE", name),
    url: (name) => `${config.publicUrl}/${name}`,
    list: () => listNames(config, async (url) => (await send({ method: "GET", url, bytes: undefined })).text()),
  };
}

/** Makes what signs requests and sends them. */
function createSender(config: S3Config, { fetch, now }: S3Options): (request: S3Request) => Promise<Response> {
  const { accessKeyId, secretAccessKey, region } = config;

  async function attempt({ method, url: address, bytes }: S3Request, signal: AbortSignal): Promise<Response> {
    const signer = new AwsV4Signer({
      method,
      url: address,
      headers: {
        "x-amz-content-sha256": createHash("sha256")
          .update(bytes ?? "")
          .digest("hex"),
        ...(bytes && { "content-type": fileType, "cache-control": fileCaching }),
      },
      accessKeyId,
      secretAccessKey,
      region,
      service: "s3",
      datetime: now()
        .toISOString()
        .replace(/[:-]|\.\d{3}/g, ""),
    });
    const { url, headers } = await signer.sign();
    const body = bytes === undefined ? null : Buffer.from(bytes);
    return fetch(url, { method, headers, body, signal, redirect: "manual" });
  }

  /** All requests may be repeated at will, so a fault that may pass gets a second try. */
  async function send(request: S3Request): Promise<Response> {
    const signal = AbortSignal.timeout(requestTimeoutMs);
    let response = await attempt(request, signal).catch(() => undefined);
    if (!response || response.status >= 500) {
      await response?.body?.cancel();
      response = await attempt(request, signal);
    }
    const { method } = request;
    const gone = method === "DELETE" && response.status === 404;
    if (!response.ok && !gone) throw new StorageError(method, response.status, await errorCode(response));
    return response;
  }

  return send;
}

/**
 * The names in the bucket below the prefix, without those of deeper folders.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
async function* listNames({ bucketUrl, url }: S3Config, get: (url: string) => Promise<string>): AsyncGenerator<string> {
  const prefix = `${url}/`.slice(bucketUrl.length + 1);
  let token: string | undefined;
  do {
    const query = {
      "list-type": "2",
      delimiter: "/",
      prefix,
      ...(token !== undefined && { "continuation-token": token }),
    };
    const page = await get(`${bucketUrl}?${new URLSearchParams(query)}`);
    for (const key of textsOf(page, "Key")) if (key !== prefix) yield key.slice(prefix.length);
    [token] = textsOf(page, "NextContinuationToken");
  } while (token !== undefined);
}

/** What stands in these elements of an XML document. */
function textsOf(xml: string, element: string): string[] {
  const found = [...xml.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, "g"))];
  return found.map(([, text = ""]) =>
    text.replace(/&(amp|lt|gt|quot|apos|#\d+|#x[\da-f]+);/gi, (_, name) => unescaped(name)),
  );
}

const entities = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
]);

const unescaped = (name: string) =>
  entities.get(name) ?? String.fromCodePoint(Number.parseInt(name.replace(/^#x?/i, ""), /^#x/i.test(name) ? 16 : 10));

/** The storage refused. The code is the protocol's, such as `AccessDenied`. */
class StorageError extends Error {
  override readonly name = "StorageError";
  readonly code: string;

  constructor(method: string, status: number, code: string) {
    super(`the storage answered ${method} with status ${status}`);
    this.code = code;
  }
}

async function errorCode(response: Response): Promise<string> {
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString("latin1");
    if (text.length > maxErrorBytes) break;
  }
  return /<Code>(\w{1,64})<\/Code>/.exec(text)?.[1] ?? "unknown";
}
