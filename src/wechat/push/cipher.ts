import { createDecipheriv } from "node:crypto";

/** What was encrypted: a message, and the app that it is for. */
export interface DecryptedPush {
  text: string;
  appId: string;
}

/** Of a key, of which the first half is also the start vector. */
const vectorBytes = 16;

/** Before the message: random bytes, and its length as a number of four bytes. */
const randomBytes = 16;
const headBytes = randomBytes + 4;

/** WeChat pads to 32 bytes where AES has blocks of 16, which Node's own unpadding refuses. */
const blockBytes = 32;

/** The bytes of an EncodingAESKey: base64 of 32 bytes without the last sign. */
const bytesOf = (encodingAesKey: string) => Buffer.from(`${encodingAesKey}=`, "base64");

/**
 * Decrypts a message of WeChat's with the first of the keys that fits: while a key is being changed, messages come with the
 * last or the present one. Undefined if none does, or if what comes out isn't as WeChat makes it. To be called with what is
 * signed only, so that nobody else learns anything from the answer.
 * @see https://developers.weixin.qq.com/doc/oplatform/developers/dev/auth/enc.html
 */
export function decryptPush(encrypted: string, encodingAesKeys: readonly string[]): DecryptedPush | undefined {
  const bytes = Buffer.from(encrypted, "base64");
  const isWhole = bytes.length > 0 && bytes.length % blockBytes === 0 && bytes.toString("base64") === encrypted;
  if (!isWhole) return undefined;
  for (const key of encodingAesKeys) {
    const found = readPlaintext(decipher(bytes, bytesOf(key)));
    if (found) return found;
  }
  return undefined;
}

function decipher(bytes: Buffer, key: Buffer): Buffer {
  const cipher = createDecipheriv("aes-256-cbc", key, key.subarray(0, vectorBytes)).setAutoPadding(false);
  return Buffer.concat([cipher.update(bytes), cipher.final()]);
}

/** Random bytes, the length of the message in bytes, the message, the app's id, and the padding. */
function readPlaintext(plain: Buffer): DecryptedPush | undefined {
  const padding = plain.at(-1) ?? 0;
  const end = plain.length - padding;
  const isPadded = padding >= 1 && padding <= blockBytes && plain.subarray(end).every((byte) => byte === padding);
  if (!isPadded || end < headBytes) return undefined;
  const messageEnd = headBytes + plain.readUInt32BE(randomBytes);
  if (messageEnd > end) return undefined;
  const [text, appId] = [utf8(plain.subarray(headBytes, messageEnd)), utf8(plain.subarray(messageEnd, end))];
  return text === undefined || appId === undefined ? undefined : { text, appId };
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
