import { createHash } from "node:crypto";

/** What a file has named so far. */
export interface Seen {
  has(name: string): boolean;
  add(name: string): void;
}

/** Bits: a million names fill 4 % of them, so that of ten million others not one is taken for one of these. */
const filterBits = 2 ** 27;

/** How many bits stand for a name. */
const bitsPerName = 5;

/**
 * Remembers names in 16 megabytes, however many they are: a Bloom filter. It knows every name that was added, and mistakes
 * another for one of them so rarely that it may tell what a report says.
 * @see https://en.wikipedia.org/wiki/Bloom_filter
 */
export function createSeen(): Seen {
  const bytes = new Uint8Array(filterBits / 8);

  function placesOf(name: string): { byte: number; bit: number }[] {
    const digest = createHash("sha1").update(name).digest();
    return Array.from({ length: bitsPerName }, (_, index) => {
      const place = digest.readUInt32BE(index * 4) % filterBits;
      return { byte: place >>> 3, bit: 1 << (place & 7) };
    });
  }

  return {
    has: (name) => placesOf(name).every(({ byte, bit }) => ((bytes[byte] ?? 0) & bit) !== 0),
    add(name) {
      for (const { byte, bit } of placesOf(name)) bytes[byte] = (bytes[byte] ?? 0) | bit;
    },
  };
}
