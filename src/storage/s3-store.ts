import { createHash } from "node:crypto";
import { AwsV4Signer } from "aws4fetch";
import { type FileStore, fileCaching, fileType } from "./file-store.js";
import type { S3Config } from "./storage-url.js";

interface S3Options {
  fetch: typeof globalThis.fetch;
  now: () => Date;
}

/** For a request with its repetition. */
const requestTimeoutMs = 10_000;

/** What is worth reading of an error's answer. */
const maxErrorBytes = 4_096;

/**
 * Keeps files in a bucket of any service that speaks the S3 protocol, such as Tencent COS, Aliyun OSS and MinIO. Clients
 * fetch them from there, so the bucket, or what stands before it, has to let anybody read.
 */
export function createS3Store(config: S3Config, { fetch, now }: S3Options): FileStore {
  const { accessKeyId, secretAccessKey, region } = config;

  async function attempt(method: string, name: string, signal: AbortSignal, bytes?: Uint8Array): Promise<Response> {
    const signer = new AwsV4Signer({
      method,
      url: `${config.url}/${name}`,
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

  /** Both requests may be repeated at will, so a fault that may pass gets a second try. */
  async function send(method: "PUT" | "DELETE", name: string, bytes?: Uint8Array): Promise<void> {
    const signal = AbortSignal.timeout(requestTimeoutMs);
    let response = await attempt(method, name, signal, bytes).catch(() => undefined);
    if (!response || response.status >= 500) {
      await response?.body?.cancel();
      response = await attempt(method, name, signal, bytes);
    }
    const gone = method === "DELETE" && response.status === 404;
    if (!response.ok && !gone) throw new StorageError(method, response.status, await errorCode(response));
    await response.body?.cancel();
  }

  return {
    put: (name, bytes) => send("PUT", name, bytes),
    remove: (name) => send("DELETE", name),
    url: (name) => `${config.publicUrl}/${name}`,
  };
}

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
