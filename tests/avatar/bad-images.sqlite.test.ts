import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { hollowGif, hollowPng, jpegOfScans, noise, plain, quarters, resizedJpeg } from "../support/images.js";
import { startTestApp } from "../support/test-app.js";
import { download, upload } from "../support/upload.js";

const folder = join(inject("folder"), `bad-images-${process.pid}`);
const app = await startTestApp({ env: { STORAGE_URL: `file:${folder}` } });
const { token } = await app.client.signedIn("alice");
const { avatarUrl: before } = await upload(app, token, await quarters().png().toBuffer());
const avatar = await download(app, before);

const jpeg = await noise(200, 200).jpeg().toBuffer();
const progressive = await noise(200, 200).jpeg({ progressive: true }).toBuffer();
const png = await noise(200, 200).png().toBuffer();
const webp = await noise(200, 200).webp().toBuffer();
const gif = await noise(200, 200).gif().toBuffer();
const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>';

const images = { jpeg, progressive, png, webp, gif };
const cuts = [12, 40, 0.1, 0.5, 0.9, 0.99].flatMap((cut) =>
  Object.entries(images).map(([name, image]): [string, Buffer] => [
    `a ${name} cut off at ${cut < 1 ? `${cut * 100} %` : `${cut} bytes`}`,
    image.subarray(0, cut < 1 ? Math.floor(image.length * cut) : cut),
  ]),
);

test.each<[string, Buffer]>([
  ["an empty file", Buffer.alloc(0)],
  ["one byte", Buffer.from([0xff])],
  ["text", Buffer.from("hello")],
  ["HTML", Buffer.from("<!doctype html><script>alert(1)</script>")],
  ["an SVG", Buffer.from(svg)],
  ["a TIFF", await plain("red").tiff().toBuffer()],
  ["an AVIF", await plain("red").avif({ effort: 0 }).toBuffer()],
  ["a HEIC by its first bytes", Buffer.from("000000186674797068656963000000006d696631", "hex")],
  ["a PDF", Buffer.from("%PDF-1.7\n1 0 obj\n")],
  ["a BMP", Buffer.from("BM".padEnd(100, "\0"))],
  ["a JPEG's beginning and a PNG's rest", Buffer.concat([jpeg.subarray(0, 20), png.subarray(8)])],
  ["a PNG's beginning and a JPEG's rest", Buffer.concat([png.subarray(0, 8), jpeg])],
  ["a GIF's beginning and an SVG's rest", Buffer.concat([Buffer.from("GIF89a"), Buffer.from(svg)])],
  ["a JPEG's beginning and an SVG's rest", Buffer.concat([Buffer.from("ffd8ff", "hex"), Buffer.from(svg)])],
  ["a RIFF that holds sound", Buffer.from("524946462400000057415645666d7420", "hex")],
  ...cuts,
  ["a JPEG without its last three bytes", jpeg.subarray(0, -3)],
  ["a progressive JPEG without its last three bytes", progressive.subarray(0, -3)],
  ["a JPEG of 101 scans", jpegOfScans(101)],
  ["a large JPEG of 883 scans", jpegOfScans(883, 4_992)],
  ["a PNG of 30000×30000", hollowPng(30_000, 30_000)],
  ["a PNG of 5001×5000", hollowPng(5_001, 5_000)],
  ["a GIF of 65535×65535", hollowGif(65_535, 65_535)],
  ["a JPEG of 65500×65500", resizedJpeg(jpeg, 65_500, 65_500)],
  ["a progressive JPEG of 65500×65500", resizedJpeg(progressive, 65_500, 65_500)],
])("%s is refused, and nothing changes", async (_, file) => {
  const { status, outcome, errors } = await upload(app, token, file);
  expect({ status, outcome, field: errors[0]?.extensions.field }).toEqual({
    status: 200,
    outcome: "BAD_USER_INPUT",
    field: "file",
  });
  const { data } = await app.client.me(token);
  expect(data?.me?.avatarUrl).toBe(before);
  expect(await download(app, before)).toEqual(avatar);
  expect(readdirSync(folder)).toHaveLength(1);
});

test("the message says what is wrong with the image", async () => {
  const messages = [];
  for (const file of [Buffer.from(svg), png.subarray(0, 500), hollowPng(30_000, 30_000), jpegOfScans(101)]) {
    const { errors } = await upload(app, token, file);
    messages.push(errors[0]?.message);
  }
  expect(messages).toEqual([
    "头像必须是 JPEG、PNG、WebP 或 GIF 图片",
    "图片已损坏，无法读取",
    "图片尺寸过大，不能超过 2500 万像素",
    "图片编码过于复杂，请换一张",
  ]);
});
