import sharp from "sharp";
import { type JpegStructure, readJpegStructure } from "./jpeg-structure.js";
import { keepPicture } from "./png-chunks.js";
import type { ImageResult } from "./worker-protocol.js";

/** Pixels of either side of an avatar. */
const side = 512;

/** Enough for the 24-megapixel photographs of phones. */
const maxPixels = 25_000_000;

/** Scans of a JPEG: as many as libjpeg's own `cjpeg` writes at most. Cameras and editors write about ten. */
const maxScans = 100;

/** Pixels up to which any image is light. */
const maxLightPixels = 2_000_000;

// sharp could read SVG, PDF and much else: nothing that we don't take reaches a decoder.
sharp.concurrency(1);
sharp.cache(false);
sharp.block({ operation: ["VipsForeignLoad"] });
sharp.unblock({
  operation: [
    "VipsForeignLoadJpegBuffer",
    "VipsForeignLoadPngBuffer",
    "VipsForeignLoadWebpBuffer",
    "VipsForeignLoadNsgifBuffer",
  ],
});

/**
 * Makes an avatar of an image: a JPEG of 512×512 in sRGB, cut from the middle, upright, on white, the first frame of an
 * animation, and with nothing of the file that came but the picture. JPEG, because every client shows it and shares it,
 * while WebP depends on the version of iOS.
 */
export async function encodeImage(file: Buffer, allowHeavy: boolean): Promise<ImageResult> {
  const jpeg = file[0] === 0xff ? readJpegStructure(file) : undefined;
  if (jpeg && jpeg.scans > maxScans) return { fault: "tooManyScans" };
  const bytes = file[0] === 0x89 ? keepPicture(file) : file;
  try {
    const { width, height } = await sharp(bytes, { limitInputPixels: false }).metadata();
    const pixels = width * height;
    if (pixels > maxPixels) return { fault: "tooManyPixels" };
    if (!allowHeavy && isHeavy(pixels, jpeg)) return { heavy: true };
    return { image: await (jpeg?.hasEnd === false ? encodeEndless(bytes) : encode(bytes, "error")) };
  } catch {
    return { fault: "broken" };
  }
}

/** Sequential JPEGs of any size are quick: they are decoded row by row, and at a fraction of their size. */
const isHeavy = (pixels: number, jpeg: JpegStructure | undefined) =>
  pixels > maxLightPixels && !(jpeg?.isSequential && jpeg.scans === 1);

/** A JPEG whose end marker was cut off is shown everywhere. If anything else is missing, the decoder warns of it. */
const encodeEndless = (jpeg: Buffer) => encode(Buffer.concat([jpeg, Buffer.from("ffd9", "hex")]), "warning");

function encode(bytes: Buffer, failOn: "error" | "warning"): Promise<Buffer> {
  return sharp(bytes, { limitInputPixels: maxPixels, failOn })
    .autoOrient()
    .resize(side, side, { fit: "cover" })
    .flatten({ background: "#ffffff" })
    .toColourspace("srgb")
    .jpeg({ quality: 85 })
    .toBuffer();
}
