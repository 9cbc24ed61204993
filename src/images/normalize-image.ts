import type { Logger } from "pino";
import { AppError, type Text } from "../errors.js";
import { describeError } from "../log.js";
import { createImageLane, type ImageLimits } from "./image-lane.js";
import { looksLikeImage } from "./image-type.js";
import { WorkerError } from "./worker-process.js";
import type { ImageFault, ImageResult } from "./worker-protocol.js";

/** Whose image it is, and the log of the request that brought it. */
export interface ImageOwner {
  userId: string;
  log: Logger;
}

/** Makes avatars of images. */
export interface ImageNormalizer {
  /**
   * Makes an avatar of an image: a JPEG of 512×512 in sRGB, upright and with nothing of the file but the picture.
   * @throws AppError `BAD_USER_INPUT` naming the field `file`; `RATE_LIMITED` if too many others are waiting
   */
  normalize(file: Uint8Array, owner: ImageOwner): Promise<Uint8Array>;
  /** Ends what is at work. */
  close(): void;
}

/** Honest images take less than a second and, at the worst, 300 MB. */
const defaultLimits: ImageLimits = { imageTimeoutMs: 5_000, waitTimeoutMs: 15_000, maxResidentBytes: 600_000_000 };

const wrongType: Text = {
  zh: "头像必须是 JPEG、PNG、WebP 或 GIF 图片",
  en: "The file must be a JPEG, PNG, WebP or GIF image",
};
const givenUp: Text = { zh: "图片已损坏，或处理时间过长", en: "The image is broken, or takes too long to read" };
const faults: Record<ImageFault, Text> = {
  broken: { zh: "图片已损坏，无法读取", en: "The image is broken and can't be read" },
  tooManyPixels: { zh: "图片尺寸过大，不能超过 2500 万像素", en: "The image may have at most 25 million pixels" },
  tooManyScans: {
    zh: "图片编码过于复杂，请换一张",
    en: "The image has too many scans; save it anew, or choose another",
  },
};

/**
 * Opens two lanes. Every image is looked at in the quick one, and done there if it is light; what takes long changes to
 * the slow one, where it holds up nothing but its like.
 */
export function createImageNormalizer(limits = defaultLimits): ImageNormalizer {
  const quick = createImageLane(limits, { allowHeavy: false });
  const slow = createImageLane(limits, { allowHeavy: true });

  async function encode(file: Uint8Array, userId: string): Promise<ImageResult> {
    const result = await quick.run(userId, file);
    return "heavy" in result ? slow.run(userId, file) : result;
  }

  return {
    async normalize(file, { userId, log }) {
      if (!looksLikeImage(file)) throw badFile(wrongType);
      const result = await encode(file, userId).catch((error: unknown) => {
        if (!(error instanceof WorkerError && error.hasBegun)) throw error;
        log.warn({ userId, error: describeError(error) }, "an image was given up");
        throw badFile(givenUp);
      });
      if ("image" in result) return result.image;
      throw badFile("fault" in result ? faults[result.fault] : givenUp);
    },
    close() {
      quick.close();
      slow.close();
    },
  };
}

const badFile = (text: Text) => new AppError("BAD_USER_INPUT", { field: "file", text });
