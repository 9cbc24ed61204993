/** What a JPEG's markers tell about the work that it makes. */
export interface JpegStructure {
  /** How often the decoder has to go over the whole picture. */
  scans: number;
  /** Whether the picture is Huffman-coded row by row, so that nothing but the present rows is held in memory. */
  isSequential: boolean;
  /** Whether the end marker is there. */
  hasEnd: boolean;
}

const marker = { prefix: 0xff, end: 0xd9, scan: 0xda, baseline: 0xc0, extended: 0xc1 };

/**
 * Codes that no length follows: 00, which is no marker but the picture's byte FF; those below C0, which libjpeg passes
 * over among restart markers and refuses elsewhere; the restart markers and the start.
 */
const standsAlone = (code: number) => code < 0xc0 || (code >= 0xd0 && code <= 0xd8);

/**
 * Walks over a JPEG's markers as libjpeg does, which looks for the next one wherever a segment or a scan's data end. A
 * thumbnail or a film inside or behind the picture doesn't count.
 * @see https://www.w3.org/Graphics/JPEG/itu-t81.pdf, annex B
 */
export function readJpegStructure(bytes: Buffer): JpegStructure {
  const structure: JpegStructure = { scans: 0, isSequential: false, hasEnd: false };
  let at = 0;
  while (true) {
    at = bytes.indexOf(marker.prefix, at);
    if (at < 0 || at + 1 >= bytes.length) return structure;
    const code = bytes[++at] ?? 0;
    if (code === marker.prefix) continue;
    if (code === marker.end) return { ...structure, hasEnd: true };
    if (code === marker.scan) structure.scans++;
    if (code === marker.baseline || code === marker.extended) structure.isSequential = true;
    at += 1 + (standsAlone(code) || at + 3 > bytes.length ? 0 : bytes.readUInt16BE(at + 1));
  }
}
