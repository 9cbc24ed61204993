import { expect, test } from "vitest";
import { loadConfig } from "../../src/settings/config.js";
import { jwtSecret } from "../support/test-app.js";

const storage = (url?: string) => loadConfig({ JWT_SECRET: jwtSecret, STORAGE_URL: url }).storage;

test.each([
  [undefined, "./data/avatars"],
  ["file:avatars", "avatars"],
  ["file:./data/头像", "./data/头像"],
  ["file:/var/lib/wxpass", "/var/lib/wxpass"],
  ["file:///var/lib/wxpass", "/var/lib/wxpass"],
])("STORAGE_URL=%s is a folder", (url, folder) => {
  expect(storage(url)).toEqual({ kind: "disk", folder });
});

test.each([
  [
    "Tencent COS",
    "s3://AKIDx:sec%2Fret@cos.ap-guangzhou.myqcloud.com/faces-1250000000?region=ap-guangzhou",
    "https://faces-1250000000.cos.ap-guangzhou.myqcloud.com",
    "https://faces-1250000000.cos.ap-guangzhou.myqcloud.com",
  ],
  [
    "Aliyun OSS",
    "s3://LTAIx:sec%2Fret@s3.oss-cn-hangzhou.aliyuncs.com/faces/small?region=cn-hangzhou&public=https://cdn.example.com/",
    "https://faces.s3.oss-cn-hangzhou.aliyuncs.com/small",
    "https://cdn.example.com",
  ],
  [
    "MinIO",
    "s3://minio:sec%2Fret@minio:9000/faces?style=path&tls=off",
    "http://minio:9000/faces",
    "http://minio:9000/faces",
  ],
])("%s can be addressed", (_, given, url, publicUrl) => {
  expect(storage(given)).toMatchObject({ kind: "s3", url, publicUrl, secretAccessKey: "sec/ret" });
});

test.each([
  "avatars",
  "file:",
  "https://key:secret-secret@host/bucket",
  "s3://host/bucket",
  "s3://key:secret-secret@host",
  "s3://key:secret-secret@host/Bucket",
  "s3://key:secret-secret@host/bucket/a b",
  "s3://key:secret-secret@host/bucket?region=",
  "s3://key:secret-secret@host/bucket?style=paht",
  "s3://key:secret-secret@host/bucket?regoin=x",
  "s3://key:secret-secret@host/bucket?public=ftp://x",
  "s3://key:secret-secret%@host/bucket",
  "s3://key:secret-secret@host/bucket#x",
])("STORAGE_URL=%s is refused, without telling the secret", (url) => {
  expect(() => storage(url)).toThrow(/STORAGE_URL: must be file:PATH or s3:/);
  expect(() => storage(url)).not.toThrow(/secret-secret/);
});
