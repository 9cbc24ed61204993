import { createCipheriv, createHash, randomBytes, randomInt } from "node:crypto";

/** How the messages are set up at WeChat's: in clear text, in both forms at once, or encrypted. */
export type PushMode = "plain" | "compatible" | "safe";

export type PushFormat = "json" | "xml";

/** A value of a message; elements of a list are written one after the other in XML. */
type PushValue = string | number | undefined | object;

/** Where a message goes to, and how it is signed and encrypted. */
export interface PushSecrets {
  token: string;
  aesKey: string | undefined;
}

/** A message on the wire. */
export interface PushRequest {
  query: Record<string, string>;
  contentType: string;
  body: string;
}

/** Nonces of nine digits that don't begin with 1 can't be taken for a time, wherever its border is, and refused for that. */
const [minNonce, endOfNonces] = [200_000_000, 1_000_000_000];

/** WeChat's signature: of the sorted parts, without a border between them. */
export const signPush = (...parts: string[]) => createHash("sha1").update(parts.sort().join("")).digest("hex");

/** Encrypts a text as WeChat does: behind 16 random bytes and its length in bytes, before the app's id, padded to 32 bytes. */
export function encryptPush(aesKey: string, appId: string, text: string, random = randomBytes(16)): string {
  const key = Buffer.from(`${aesKey}=`, "base64");
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.byteLength(text));
  const content = Buffer.concat([random, length, Buffer.from(text), Buffer.from(appId)]);
  const padding = 32 - (content.length % 32);
  const cipher = createCipheriv("aes-256-cbc", key, key.subarray(0, 16)).setAutoPadding(false);
  const padded = Buffer.concat([content, Buffer.alloc(padding, padding)]);
  return Buffer.concat([cipher.update(padded), cipher.final()]).toString("base64");
}

/** Writes a message in one of the forms in which WeChat sends it. It has to have a key unless the mode is plain. */
export function writePush(
  message: Record<string, PushValue>,
  { token, aesKey = "" }: PushSecrets,
  { mode, format, appId, now }: { mode: PushMode; format: PushFormat; appId: string; now: Date },
): PushRequest {
  const timestamp = String(Math.floor(now.getTime() / 1_000));
  const nonce = String(randomInt(minNonce, endOfNonces));
  const write = format === "json" ? JSON.stringify : writeXml;
  const contentType = format === "json" ? "application/json" : "text/xml";
  const query = { signature: signPush(token, timestamp, nonce), timestamp, nonce };
  if (mode === "plain") return { query, contentType, body: write(message) };
  const encrypted = encryptPush(aesKey, appId, write(message));
  const open = mode === "compatible" ? message : { ToUserName: message["ToUserName"] };
  return {
    query: { ...query, encrypt_type: "aes", msg_signature: signPush(token, timestamp, nonce, encrypted) },
    contentType,
    body: write({ ...open, Encrypt: encrypted }),
  };
}

/** Text stands in CDATA sections and numbers don't. The spaces before names, which WeChat's JSON has, XML can't have. */
const writeXml = (message: Record<string, PushValue>) => `<xml>${elementsOf(message)}</xml>`;

function elementsOf(fields: object): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `<${name.trim()}>${contentOf(value)}</${name.trim()}>`)
    .join("\n");
}

function contentOf(value: PushValue): string {
  if (typeof value === "object") return elementsOf(value);
  return typeof value === "number" ? String(value) : `<![CDATA[${value}]]>`;
}
