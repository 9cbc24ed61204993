import { createHash, timingSafeEqual } from "node:crypto";

/** What WeChat puts into the address of a message to prove that it knows the token. */
export interface PushSignature {
  signature: string;
  /** Seconds since 1970. */
  timestamp: string;
  nonce: string;
}

/**
 * Whether the address was signed with the token. That says nothing of the body.
 * @see https://developers.weixin.qq.com/miniprogram/dev/framework/server-ability/message-push.html
 */
export function isAddressSigned(token: string, { signature, timestamp, nonce }: PushSignature): boolean {
  return isSignatureOf([token, timestamp, nonce], signature);
}

/** Whether what is encrypted was signed with the token, together with its address. */
export function isMessageSigned(token: string, address: PushSignature, encrypted: string, signature: string): boolean {
  return isSignatureOf([token, address.timestamp, address.nonce, encrypted], signature);
}

/** WeChat signs the sorted parts without a border between them. */
const joined = (parts: string[]) => [...parts].sort().join("");

/** The signature of a token, a timestamp and a nonce, in hex. */
export const signatureOf = (parts: string[]) => createHash("sha1").update(joined(parts)).digest("hex");

/** Node decodes hex as far as it goes, so that exactly forty digits are demanded first. */
function isSignatureOf(parts: string[], signature: string): boolean {
  if (!/^[\da-f]{40}$/i.test(signature)) return false;
  return timingSafeEqual(Buffer.from(signature, "hex"), Buffer.from(signatureOf(parts), "hex"));
}

/** So long is a timestamp from 2001 to 2286. */
const timeDigits = 10;

/** The beginning of 2020, before which nobody can have read an address of a server of ours. */
const earliestMs = Date.UTC(2020);

/** The milliseconds since 1970 that a timestamp stands for; undefined if it isn't written as WeChat does. */
export function timeOf(timestamp: string): number | undefined {
  return /^[1-9]\d{9}$/.test(timestamp) ? Number(timestamp) * 1_000 : undefined;
}

/**
 * Whether the same signature is good for another time as well, from 2020 until the given one in milliseconds. What is signed
 * has no borders: timestamp and nonce can change places, and a digit of one can count as the other's. So whoever has read an
 * address whose nonce looks like a later time could use it once more at that time; then its first time is found here.
 */
export function hasOtherTime(token: string, { timestamp, nonce }: PushSignature, until: number): boolean {
  const signed = joined([token, timestamp, nonce]);
  const starts = [0, token.length, nonce.length, token.length + nonce.length];
  return starts.some((start) => {
    const other = signed.slice(start, start + timeDigits);
    const time = timeOf(other);
    if (other === timestamp || time === undefined || time < earliestMs || time > until) return false;
    const rest = signed.slice(0, start) + signed.slice(start + timeDigits);
    const nonces = [rest.slice(token.length), rest.slice(0, rest.length - token.length)];
    return nonces.some((otherNonce) => joined([token, other, otherNonce]) === signed);
  });
}
