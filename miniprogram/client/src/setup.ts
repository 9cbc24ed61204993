import type { Language } from "./errors";
import type { Fail } from "./own-errors";
import type { Use } from "./platform";
import type { Transport } from "./transport";

/** The options of a client, completed. */
export interface Setup {
  /** Without a slash at the end. */
  url: string;
  appId: string | undefined;
  language: Language | undefined;
  timeout: number;
  storageKey: string;
  use: Use;
  transport: Transport;
  fail: Fail;
}
