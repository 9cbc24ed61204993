/** What the kinds of images that we take begin with, in hexadecimal. */
const signatures = [
  /^ffd8ff/, // JPEG
  /^89504e470d0a1a0a/, // PNG
  /^52494646.{8}57454250/, // RIFF, four bytes of length, WEBP
  /^47494638(37|39)61/, // GIF87a, GIF89a
];

/** Whether the bytes begin like a JPEG, PNG, WebP or GIF image. What a file's name or the client says is no proof. */
export function looksLikeImage(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.subarray(0, 12)).toString("hex");
  return signatures.some((signature) => signature.test(head));
}
