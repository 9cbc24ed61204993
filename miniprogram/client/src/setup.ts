import type { Language } from "./errors";
import { type Fail, failIn } from "./own-errors";
import { type Platform, platformOf, type Use } from "./platform";
import { requestTransport, type Transport } from "./transport";

export interface WxpassOptions {
  /** The address of the server, such as `https://wxpass.example.com`. */
  url: string;
  /** The mini-program's AppID; only needed if the server knows several and can't tell by the `Referer`. */
  appId?: string;
  /** The language of messages. Default: what WeChat sends; without that, Chinese. */
  language?: Language;
  /** Milliseconds that a request may take. Default: 10000. */
  timeout?: number;
  /** Under which the tokens are kept on the phone. Default: `wxpass`. */
  storageKey?: string;
  /** What to use instead of the functions of `wx`. */
  platform?: Partial<Platform>;
  /** Default: over the platform's `request`. */
  transport?: Transport;
}

/**
 * The options of a client, completed.
 * @internal
 */
export interface Setup {
  /** Without a slash at the end. */
  url: string;
  appId: string | undefined;
  language: Language | undefined;
  timeoutMs: number;
  storageKey: string;
  use: Use;
  transport: Transport;
  fail: Fail;
}

/**
 * Completes options with what is the default.
 * @internal
 */
export function completed(options: WxpassOptions): Setup {
  const { language, appId, timeout: timeoutMs = 10_000, storageKey = "wxpass" } = options;
  const url = options.url.replace(/\/+$/, "");
  const use = platformOf(options.platform);
  const transport = options.transport || requestTransport(use, url);
  return { url, appId, language, timeoutMs, storageKey, use, transport, fail: failIn(language) };
}
