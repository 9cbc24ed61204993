import { expect, test } from "vitest";
import { readJpegStructure } from "../../src/images/jpeg-structure.js";
import { keepPicture } from "../../src/images/png-chunks.js";
import { jpegOfScans, plain, pngChunk, quarters, withChunks, withSegments } from "../support/images.js";

const jpeg = await quarters().jpeg().toBuffer();
const progressive = await quarters().jpeg({ progressive: true }).toBuffer();
const many = jpegOfScans(883);
const scanHeader = Buffer.from("ffda0008010100010101", "hex");

/** The JPEG with these bytes, in hexadecimal, before every scan. */
const beforeScans = (image: Buffer, hex: string) =>
  Buffer.from(image.toString("hex").replaceAll("ffda", `${hex}ffda`), "hex");

test.each<[string, Buffer, object]>([
  ["a baseline JPEG", jpeg, { scans: 1, isSequential: true, hasEnd: true }],
  ["a progressive JPEG", progressive, { scans: 10, isSequential: false, hasEnd: true }],
  ["a JPEG of 883 scans", many, { scans: 883, isSequential: false, hasEnd: true }],
  ["scans in a comment", withSegments(jpeg, 0xfe, [scanHeader]), { scans: 1 }],
  ["scans behind the end", Buffer.concat([jpeg, scanHeader]), { scans: 1 }],
  ["scans after padding", beforeScans(many, "ffffffff"), { scans: 883 }],
  ["scans after bytes of no meaning", beforeScans(many, "000102"), { scans: 883 }],
  ["scans after restart markers", beforeScans(many, "ffd0ffd7"), { scans: 883 }],
  // libjpeg looks for the next marker here, and doesn't skip what seems to be a length.
  ["scans after a reserved marker and a length", beforeScans(many, "ff02ffff"), { scans: 883 }],
  ["no end marker", jpeg.subarray(0, -2), { scans: 1, hasEnd: false }],
  ["half of an end marker", jpeg.subarray(0, -1), { hasEnd: false }],
  [
    "an end marker inside a segment only",
    withSegments(jpeg, 0xfe, [Buffer.from("ffd9", "hex")]).subarray(0, -2),
    { hasEnd: false },
  ],
  ["a cut segment", jpeg.subarray(0, 3), { scans: 0, hasEnd: false }],
  ["a segment that is longer than the file", Buffer.from("ffd8ffe1ffff00", "hex"), { scans: 0, hasEnd: false }],
  ["nothing but FF", Buffer.alloc(5_000_000, 0xff), { scans: 0, hasEnd: false }],
])("what a JPEG is made of: %s", (_, image, expected) => {
  expect(readJpegStructure(image)).toMatchObject(expected);
});

const png = await plain("red").png({ palette: true }).withIccProfile("p3").withMetadata({ orientation: 6 }).toBuffer();

const chunkNames = (image: Buffer) =>
  [...image.toString("latin1").matchAll(/IHDR|PLTE|iCCP|eXIf|tRNS|IDAT|IEND/g)].join(" ");

test("of a PNG the picture stays, byte for byte", () => {
  expect(chunkNames(png)).toMatch(/IHDR.*iCCP.*eXIf.*IDAT.*IEND/);
  const text = pngChunk("zTXt", Buffer.from("x"));
  const frame = pngChunk("fdAT", Buffer.from("x"));
  expect(keepPicture(withChunks(png, [text, frame, text, pngChunk("priv")]))).toEqual(keepPicture(png));
  expect(chunkNames(keepPicture(png))).toBe(chunkNames(png));
});

test.each([8, 20, 40, 0.5])("of a PNG that is cut off at %d the rest stays, for the decoder to refuse", (cut) => {
  const rest = png.subarray(0, cut < 1 ? Math.floor(png.length * cut) : cut);
  expect(keepPicture(rest).subarray(-4)).toEqual(rest.subarray(-4));
});
