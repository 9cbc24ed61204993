import { crc32, deflateSync } from "node:zlib";
import sharp, { type Sharp } from "sharp";

export type Colour = keyof typeof colours;

const colours = {
  red: [255, 0, 0],
  green: [0, 160, 0],
  blue: [0, 0, 255],
  yellow: [255, 255, 0],
  white: [255, 255, 255],
};

/** A picture whose quarters are red and green above, blue and yellow below. */
export function quarters(side = 256): Sharp {
  const pixels = Buffer.alloc(side * side * 3);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const [left, right] = y < side / 2 ? (["red", "green"] as const) : (["blue", "yellow"] as const);
      pixels.set(colours[x < side / 2 ? left : right], (y * side + x) * 3);
    }
  }
  return sharp(pixels, { raw: { width: side, height: side, channels: 3 } });
}

/** A picture of one colour. */
export function plain(colour: Colour, width = 64, height = width): Sharp {
  const [r = 0, g = 0, b = 0] = colours[colour];
  return sharp({ create: { width, height, channels: 3, background: { r, g, b } } });
}

/** A picture that compresses badly. */
export function noise(width: number, height: number): Sharp {
  const pixels = Buffer.alloc(width * height * 3);
  for (let i = 0; i < pixels.length; i++) pixels[i] = Math.imul(i, 2654435761) >>> 13;
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

/** The colours in the middle of the four quarters: above left and right, then below. */
export async function coloursOf(image: Buffer): Promise<string> {
  const { data, info } = await sharp(image).raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number) => {
    const start = (Math.round(y * info.height) * info.width + Math.round(x * info.width)) * info.channels;
    return nearest([...data.subarray(start, start + 3)]);
  };
  return [at(0.25, 0.25), at(0.75, 0.25), at(0.25, 0.75), at(0.75, 0.75)].join(" ");
}

function nearest(pixel: number[]): string {
  const distance = (colour: number[]) => Math.hypot(...colour.map((value, index) => value - (pixel[index] ?? 0)));
  const [best = ["none", []]] = Object.entries(colours).sort((a, b) => distance(a[1]) - distance(b[1]));
  return distance(best[1]) < 60 ? best[0] : `rgb(${pixel})`;
}

/** A PNG of nothing but zeros, in one bit a pixel: a few bytes that unpack to a great many. */
export function hollowPng(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  const rows = Buffer.alloc((Math.ceil(width / 8) + 1) * height);
  const signature = Buffer.from("89504e470d0a1a0a", "hex");
  const data = deflateSync(rows, { level: 1 });
  return Buffer.concat([signature, pngChunk("IHDR", header), pngChunk("IDAT", data), pngChunk("IEND")]);
}

/** A chunk of a PNG. */
export function pngChunk(type: string, data = Buffer.alloc(0)): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** A PNG with more chunks before the picture. */
export const withChunks = (png: Buffer, chunks: Buffer[]) =>
  Buffer.concat([png.subarray(0, 33), ...chunks, png.subarray(33)]);

/** A JPEG with more segments, of the kind that holds comments (FE) or what cameras add (E1 and others). */
export const withSegments = (jpeg: Buffer, code: number, contents: Buffer[]) =>
  Buffer.concat([jpeg.subarray(0, 2), ...contents.map((content) => segment(code, ...content)), jpeg.subarray(2)]);

/** A GIF that says it is this large, and holds one pixel. */
export function hollowGif(width: number, height: number): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt16LE(width, 0);
  size.writeUInt16LE(height, 2);
  return Buffer.concat([
    Buffer.from("GIF89a"),
    size,
    Buffer.from("800000ff0000ffffff2c00000000", "hex"),
    size,
    Buffer.from("0002024401003b", "hex"),
  ]);
}

/** A JPEG with another size written into its frame header. */
export function resizedJpeg(jpeg: Buffer, width: number, height: number): Buffer {
  const copy = Buffer.from(jpeg);
  const frame = [0xc0, 0xc2].map((kind) => copy.indexOf(Buffer.from([0xff, kind]))).find((index) => index > 0) ?? 0;
  copy.writeUInt16BE(height, frame + 5);
  copy.writeUInt16BE(width, frame + 7);
  return copy;
}

/** Marks a segment of a JPEG. */
const segment = (code: number, ...content: number[]) =>
  Buffer.from([0xff, code, (content.length + 2) >> 8, (content.length + 2) & 0xff, ...content]);

/** Zero bits that tell of this many blocks in runs of 2^14, each a code of one bit and 14 more. */
const emptyRuns = (blocks: number) => Buffer.alloc(Math.ceil((Math.ceil(blocks / 2 ** 14) * 15) / 8));

/** The coefficients and bits that a scan after the first may bring, in an order that is valid. */
const refinements = Array.from({ length: 63 }, (_, k) => k + 1).flatMap((k) =>
  Array.from({ length: 14 }, (_, step) => ({ k, bits: step === 0 ? 13 : ((14 - step) << 4) | (13 - step) })),
);

/** A valid progressive JPEG, grey all over, that is made of so many scans: 883 at most. Each goes over the whole picture. */
export function jpegOfScans(scans: number, side = 64): Buffer {
  const blocks = (side / 8) ** 2;
  const size = [side >> 8, side & 0xff];
  const oneCode = (table: number, symbol: number) => segment(0xc4, table, 1, ...Array(15).fill(0), symbol);
  return Buffer.concat([
    Buffer.from("ffd8", "hex"),
    segment(0xdb, 0, ...Array(64).fill(1)),
    segment(0xc2, 8, ...size, ...size, 1, 1, 0x11, 0),
    oneCode(0x00, 0),
    oneCode(0x10, 0xe0),
    segment(0xda, 1, 1, 0, 0, 0, 0),
    Buffer.alloc(Math.ceil(blocks / 8)),
    ...refinements
      .slice(0, scans - 1)
      .flatMap(({ k, bits }) => [segment(0xda, 1, 1, 0, k, k, bits), emptyRuns(blocks)]),
    Buffer.from("ffd9", "hex"),
  ]);
}
