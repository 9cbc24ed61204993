/** Chunks that may change how the picture looks. Those with a capital, such as IDAT, are the picture itself. */
const wanted = /^([A-Z]...|tRNS|gAMA|cHRM|sRGB|iCCP|sBIT|eXIf)$/s;

/** What comes before a PNG's first chunk. */
const signatureBytes = 8;

/** A chunk's length, its name and its checksum. */
const frameBytes = 12;

/**
 * A PNG without the texts, later frames and private chunks, which decoders would unpack: up to a thousand times 8 MB.
 * Where the chunks make no sense the rest stays, and the decoder says so.
 * @see https://www.w3.org/TR/png-3/#5Chunk-layout
 */
export function keepPicture(png: Buffer): Buffer {
  const kept = [png.subarray(0, signatureBytes)];
  let at = signatureBytes;
  while (at + frameBytes <= png.length) {
    const end = at + frameBytes + png.readUInt32BE(at);
    if (end > png.length) break;
    if (wanted.test(png.toString("latin1", at + 4, at + 8))) kept.push(png.subarray(at, end));
    at = end;
  }
  return Buffer.concat([...kept, png.subarray(at)]);
}
