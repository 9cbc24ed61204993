import { deflateSync } from "node:zlib";
import sharp from "sharp";
import { expect, test } from "vitest";
import {
  coloursOf,
  jpegOfScans,
  noise,
  plain,
  pngChunk,
  quarters,
  withChunks,
  withSegments,
} from "../support/images.js";
import { startTestApp } from "../support/test-app.js";
import { download, upload } from "../support/upload.js";

const app = await startTestApp();
const { token } = await app.client.signedIn("alice");

/** Uploads an image and returns what the server made of it. */
async function avatarOf(image: Buffer): Promise<Buffer> {
  const { avatarUrl, text } = await upload(app, token, image);
  expect(text).toMatch(/^\{"avatarUrl":"http:\/\/wxpass\.test\/avatars\/[0-9a-f]{32}\.jpg"\}$/);
  return download(app, avatarUrl);
}

const upright = "red green blue yellow";

test.each([
  ["a baseline JPEG", quarters().jpeg(), upright],
  ["a progressive JPEG", quarters().jpeg({ progressive: true }), upright],
  ["a grey JPEG", plain("white").greyscale().jpeg(), "white white white white"],
  ["a CMYK JPEG", plain("white").toColourspace("cmyk").jpeg(), "white white white white"],
  ["a JPEG in Display P3", quarters().withIccProfile("p3").jpeg(), upright],
  ["a PNG", quarters().png(), upright],
  ["a PNG of 16 bits", quarters().toColourspace("rgb16").png(), upright],
  ["a PNG with a palette", quarters().png({ palette: true }), upright],
  ["an interlaced PNG", quarters().png({ progressive: true }), upright],
  ["a PNG that is half transparent", quarters().ensureAlpha(0).png(), "white white white white"],
  ["a lossy WebP", quarters().webp(), upright],
  ["a lossless WebP", quarters().webp({ lossless: true }), upright],
  ["a GIF", quarters().gif(), upright],
  ["an image of one pixel", plain("blue", 1).png(), "blue blue blue blue"],
  ["an image of 5000×10", plain("green", 5_000, 10).png(), "green green green green"],
  ["an image of 10×5000", plain("green", 10, 5_000).jpeg(), "green green green green"],
  ["a photograph of 24 megapixels", plain("red", 5_712, 4_284).jpeg(), "red red red red"],
  ["an image of nearly 5 MB", noise(1_250, 1_300).png({ compressionLevel: 0 }), undefined],
])("%s becomes a JPEG of 512×512 in sRGB", async (_, image, colours) => {
  const avatar = await avatarOf(await image.toBuffer());
  const { format, width, height, space, channels } = await sharp(avatar).metadata();
  expect({ format, width, height, space, channels }).toEqual({
    format: "jpeg",
    width: 512,
    height: 512,
    space: "srgb",
    channels: 3,
  });
  if (colours) expect(await coloursOf(avatar)).toBe(colours);
});

const jpeg = await quarters().jpeg().toBuffer();
const progressive = await quarters().jpeg({ progressive: true }).toBuffer();
const png = await quarters().png().toBuffer();
/** What would count as many scans if it were part of the picture. */
const scanHeaders = Buffer.alloc(50_000, Buffer.from("ffda000c03010002110311003f00", "hex"));
const bomb = Buffer.concat([Buffer.from("Comment\0\0"), deflateSync(Buffer.alloc(7_000_000))]);
const lateFrame = Buffer.concat([Buffer.alloc(4), deflateSync(Buffer.alloc(1_000))]);

test.each([
  ["a JPEG without its last byte", jpeg.subarray(0, -1)],
  ["a JPEG without its end marker", jpeg.subarray(0, -2)],
  ["a progressive JPEG without its end marker", progressive.subarray(0, -2)],
  ["a JPEG with a film behind it", Buffer.concat([jpeg, scanHeaders])],
  ["a JPEG with a thumbnail in it", withSegments(jpeg, 0xe2, [scanHeaders])],
  ["a JPEG with thousands of comments", withSegments(jpeg, 0xfe, Array(50_000).fill(Buffer.from("hi")))],
  ["a PNG with texts that unpack to gigabytes", withChunks(png, Array(500).fill(pngChunk("zTXt", bomb)))],
  ["a PNG with thousands of texts", withChunks(png, Array(50_000).fill(pngChunk("tEXt", Buffer.from("a\0b"))))],
  ["a PNG with thousands of frames", withChunks(png, Array(20_000).fill(pngChunk("fdAT", lateFrame)))],
])("%s is taken, and the picture is right", async (_, image) => {
  expect(await coloursOf(await avatarOf(image))).toBe(upright);
});

test("a JPEG of as many scans as libjpeg's own tool writes is taken", async () => {
  await avatarOf(jpegOfScans(100));
});

test("of an animation the first frame is taken", async () => {
  const frames = await Promise.all([plain("red").png().toBuffer(), plain("blue").png().toBuffer()]);
  const animation = () => sharp(frames, { join: { animated: true } });
  for (const image of [await animation().gif().toBuffer(), await animation().webp({ lossless: true }).toBuffer()]) {
    expect((await sharp(image).metadata()).pages).toBe(2);
    expect(await coloursOf(await avatarOf(image))).toBe("red red red red");
  }
});

test("a wide image is cut to its middle", async () => {
  const wide = plain("white", 300, 100).composite([{ input: await quarters(100).png().toBuffer(), left: 100, top: 0 }]);
  expect(await coloursOf(await avatarOf(await wide.png().toBuffer()))).toBe(upright);
});

test.each([
  [1, "red green blue yellow"],
  [2, "green red yellow blue"],
  [3, "yellow blue green red"],
  [4, "blue yellow red green"],
  [5, "red blue green yellow"],
  [6, "blue red yellow green"],
  [7, "yellow green blue red"],
  [8, "green yellow red blue"],
])("an image with EXIF orientation %i stands upright", async (orientation, colours) => {
  for (const format of ["jpeg", "png", "webp"] as const) {
    const image = await quarters().withMetadata({ orientation }).toFormat(format).toBuffer();
    expect(await coloursOf(await avatarOf(image))).toBe(colours);
  }
});

test("nothing that came with the picture is left: no place, no camera, no text", async () => {
  const image = await quarters()
    .withExif({
      IFD0: { Make: "LeakyCam", Copyright: "somebody in particular" },
      IFD3: {
        GPSLatitudeRef: "N",
        GPSLatitude: "39/1 54/1 15/1",
        GPSLongitudeRef: "E",
        GPSLongitude: "116/1 24/1 27/1",
      },
    })
    .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/">somebody in particular</x:xmpmeta>')
    .jpeg()
    .toBuffer();
  expect(image.toString("latin1")).toMatch(/LeakyCam.*somebody in particular/s);
  const avatar = await avatarOf(image);
  const { exif, xmp, iptc, icc, orientation } = await sharp(avatar).metadata();
  expect({ exif, xmp, iptc, icc, orientation }).toEqual({});
  expect(avatar.toString("latin1")).not.toMatch(/Exif|LeakyCam|somebody|xmpmeta|ICC_PROFILE/);
});
