import pLimit from "p-limit";
import sharp, { type Metadata } from "sharp";
import { AppError, type Text } from "../errors.js";
import { looksLikeImage } from "./image-type.js";

/** Pixels of either side of an avatar. */
const side = 512;

/** Enough for the 24-megapixel photographs of phones. */
const maxPixels = 25_000_000;

/** Seconds that an image may take. Honest ones take less than one. */
const patience = 5;

/** Images at work at the same time; the others wait. */
const atOnce = pLimit(2);

/** Of these, images that are held in memory whole, which takes 250 MB at the very worst. */
const wholeAtOnce = pLimit(1);

// These hold for the whole process. sharp could read SVG, PDF and much else: nothing that we don't take reaches a decoder.
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

const wrongType: Text = {
  zh: "头像必须是 JPEG、PNG、WebP 或 GIF 图片",
  en: "The file must be a JPEG, PNG, WebP or GIF image",
};
const tooManyPixels: Text = {
  zh: "图片尺寸过大，不能超过 2500 万像素",
  en: "The image may have at most 25 million pixels",
};
const broken: Text = { zh: "图片已损坏，无法读取", en: "The image is broken and can't be read" };

/**
 * Makes an avatar of an image: a JPEG of 512×512 in sRGB, cut from the middle, upright, on white, the first frame of an
 * animation, and with nothing of the file that came but the picture. JPEG, because every client shows it and shares it,
 * while WebP depends on the version of iOS.
 * @throws AppError `BAD_USER_INPUT` naming the field `file`
 */
export async function normalizeImage(bytes: Uint8Array): Promise<Buffer> {
  if (!looksLikeImage(bytes)) throw badFile(wrongType);
  return atOnce(() => convert(bytes));
}

async function convert(bytes: Uint8Array): Promise<Buffer> {
  const metadata = await sharp(bytes, { limitInputPixels: false }).metadata().catch(refuseBroken);
  if (metadata.width * metadata.height > maxPixels) throw badFile(tooManyPixels);
  return isHeldWhole(metadata) ? wholeAtOnce(() => encode(bytes)) : encode(bytes);
}

/** Other images are decoded row by row, and large JPEGs at a fraction of their size. */
const isHeldWhole = ({ format, isProgressive }: Metadata) => isProgressive || format === "webp" || format === "gif";

async function encode(bytes: Uint8Array): Promise<Buffer> {
  return sharp(bytes, { limitInputPixels: maxPixels, failOn: "error" })
    .timeout({ seconds: patience })
    .autoOrient()
    .resize(side, side, { fit: "cover" })
    .flatten({ background: "#ffffff" })
    .toColourspace("srgb")
    .jpeg({ quality: 85 })
    .toBuffer()
    .catch(refuseBroken);
}

function refuseBroken(): never {
  throw badFile(broken);
}

const badFile = (text: Text) => new AppError("BAD_USER_INPUT", { field: "file", text });
