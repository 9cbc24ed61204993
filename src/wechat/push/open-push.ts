import { decryptPush } from "./cipher.js";
import { type PushFields, readFields } from "./fields.js";
import { hasOtherTime, isMessageSigned, type PushSignature } from "./signature.js";

/** How messages come, as it is set at WeChat's too. */
export interface PushSettings {
  /** Signs the address of a message, and what is encrypted. */
  token: string;
  /** The EncodingAESKeys, of 43 letters and digits. If there is one, only what is encrypted is believed. */
  aesKeys: readonly string[];
  /** The apps of this server, the first being the default. */
  appIds: readonly string[];
}

/** The address of a message, its {@link PushSignature.signature} being right, and its time about now. */
export interface PushAddress extends PushSignature {
  /** Signs what is encrypted. */
  msg_signature?: string | undefined;
}

/** A message that is WeChat's, as far as that can be known. */
export interface OpenedPush {
  /** What came, decrypted. */
  text: string;
  /** Undefined if the text is neither JSON nor XML. */
  fields: PushFields | undefined;
  /** The app that it is for, if it was encrypted. */
  appId?: string;
}

/** Why a message is refused. Who sent it isn't told. */
export type PushRefusal = "plain" | "wrongly signed" | "not decrypted" | "of another app" | "of two times";

/** That may lie between an event and the message about it. */
const maxDelayMs = 30 * 60_000;

/** By which WeChat's clock and ours may differ. A signed address that somebody has read is useless after that. */
export const maxSkewMs = 10 * 60_000;

/** Takes a message out of the body of a request, or says why not. */
export function openPush(
  settings: PushSettings,
  address: PushAddress,
  body: string,
  now: Date,
): OpenedPush | PushRefusal {
  const isOfTwoTimes = hasOtherTime(settings.token, address, now.getTime() + maxSkewMs);
  if (settings.aesKeys.length === 0) return isOfTwoTimes ? "of two times" : { text: body, fields: readFields(body) };
  const opened = decrypt(settings, address, body);
  if (typeof opened === "string" || !isOfTwoTimes) return opened;
  return isRecent(opened.fields, now) ? opened : "of two times";
}

/** Anybody who has read one address can write the plain fields beside `Encrypt`, so they count for nothing. */
function decrypt(settings: PushSettings, address: PushAddress, body: string): OpenedPush | PushRefusal {
  const encrypted = readFields(body)?.["encrypt"];
  if (typeof encrypted !== "string") return "plain";
  if (!isMessageSigned(settings.token, address, encrypted, address.msg_signature ?? "")) return "wrongly signed";
  const decrypted = decryptPush(encrypted, settings.aesKeys);
  if (!decrypted) return "not decrypted";
  const { text, appId } = decrypted;
  return settings.appIds.includes(appId) ? { text, appId, fields: readFields(text) } : "of another app";
}

/** Whether what is signed itself says that it is of now. */
function isRecent(fields: PushFields | undefined, now: Date): boolean {
  return Math.abs(now.getTime() - Number(fields?.["createtime"]) * 1_000) <= maxDelayMs;
}
