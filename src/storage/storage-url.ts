import { z } from "zod";

/** A bucket that speaks the S3 protocol. */
export interface S3Config {
  kind: "s3";
  accessKeyId: string;
  secretAccessKey: string;
  region: string;
  bucketUrl: string;
  /** The bucket's address, with the prefix of the names if there is one. */
  url: string;
  /** Where clients find what is stored. */
  publicUrl: string;
}

/** Where files are kept. */
export type StorageConfig = { kind: "disk"; folder: string } | S3Config;

const parameters = z.strictObject({
  region: z
    .string()
    .regex(/^[\w-]+$/)
    .default("us-east-1"),
  public: z.url({ protocol: /^https?$/ }).optional(),
  style: z.enum(["host", "path"]).default("host"),
  tls: z.enum(["on", "off"]).default("on"),
});

const pathPattern = /^\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])((?:\/[\w.-]+)*)\/?$/;

/**
 * Reads `file:PATH` or `s3://KEY:SECRET@HOST[:PORT]/BUCKET[/PREFIX]?region=…&public=…&style=host|path&tls=on|off`, with
 * the key and the secret percent-encoded. Undefined if it is neither.
 */
export function parseStorageUrl(text: string): StorageConfig | undefined {
  if (!text.startsWith("file:")) return URL.canParse(text) ? parseS3Url(new URL(text)) : undefined;
  const folder = text.replace(/^file:(\/\/(?=\/))?/, "");
  return folder === "" ? undefined : { kind: "disk", folder };
}

function parseS3Url({ protocol, username, password, host, pathname, hash, searchParams }: URL): S3Config | undefined {
  const options = parameters.safeParse(Object.fromEntries(searchParams));
  const [, bucket, prefix = ""] = pathPattern.exec(pathname) ?? [];
  const accessKeyId = decode(username);
  const secretAccessKey = decode(password);
  if (protocol !== "s3:" || hash || !host || !bucket || !accessKeyId || !secretAccessKey || !options.success) {
    return undefined;
  }
  const { region, style, tls } = options.data;
  const place = style === "host" ? `${bucket}.${host}` : `${host}/${bucket}`;
  const bucketUrl = `${tls === "on" ? "https" : "http"}://${place}`;
  const url = `${bucketUrl}${prefix}`;
  if (!URL.canParse(url)) return undefined;
  const publicUrl = options.data.public?.replace(/\/+$/, "") ?? url;
  return { kind: "s3", accessKeyId, secretAccessKey, region, bucketUrl, url, publicUrl };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
