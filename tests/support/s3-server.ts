import { join } from "node:path";
import S3rver from "@20minutes/s3rver";
import { afterAll, inject } from "vitest";
import { keepSecret } from "./log-search.js";

/** A server that speaks the S3 protocol and checks its signatures. */
export interface S3Server {
  /** `HOST:PORT` */
  host: string;
  bucket: string;
  /** The setting that makes an app use it. */
  storageUrl: string;
  /** The names in the bucket. */
  names(): Promise<string[]>;
  close(): Promise<void>;
}

/** The key and the secret that the server knows. */
export const s3Key = "S3RVER";

/** Starts an S3 server on loopback with one empty bucket. */
export async function startS3Server(bucket: string): Promise<S3Server> {
  keepSecret(s3Key);
  const server = new S3rver({
    address: "127.0.0.1",
    port: 0,
    silent: true,
    directory: join(inject("folder"), `s3-${bucket}-${process.pid}`),
    configureBuckets: [{ name: bucket }],
  });
  const { port } = await server.run();
  const host = `127.0.0.1:${port}`;
  let closed = false;
  const close = async () => {
    if (!closed) await server.close();
    closed = true;
  };
  afterAll(close);
  return {
    host,
    bucket,
    storageUrl: `s3://${s3Key}:${s3Key}@${host}/${bucket}?style=path&tls=off`,
    async names() {
      const list = await (await fetch(`http://${host}/${bucket}?list-type=2`)).text();
      return [...list.matchAll(/<Key>([^<]+)<\/Key>/g)].map((match) => match[1] ?? "");
    },
    close,
  };
}
