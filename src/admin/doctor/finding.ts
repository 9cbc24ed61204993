import type { DatabaseConfig, Tables } from "../../database/options.js";
import type { Text } from "../../errors.js";
import type { StorageConfig } from "../../storage/storage-url.js";
import type { WechatApp } from "../../wechat/app.js";

/** How something is. What can't be told here is skipped, and says why. */
export type State = "ok" | "warning" | "fault" | "skipped";

/** What a check found, in a sentence, and what the operator does about it. */
export interface Finding {
  state: State;
  what: Text;
  advice?: Text;
}

/** The server's settings, as far as the world can disagree with them. */
export interface Examined {
  production: boolean;
  /** What the settings themselves are warned of. */
  warnings: readonly Text[];
  host: string;
  port: number;
  publicUrl: string;
  database: DatabaseConfig;
  storage: StorageConfig;
  metrics: boolean;
  wechat: {
    apps: readonly WechatApp[];
    apiUrl: string;
    /** Whether the running server plays WeChat itself. */
    simulator: boolean;
    pushToken: string | undefined;
  };
}

/** What a check works with. */
export interface Tools {
  /** Ends every request that is still on its way when the check's time is over. */
  fetch: typeof globalThis.fetch;
  signal: AbortSignal;
  now: () => Date;
  tables: Tables;
}

/** Looks at one thing and changes nothing that lasts. What it throws is a fault, too. */
export type Check = (examined: Examined, tools: Tools) => Promise<Finding[]>;

/** Shorter ways to write a finding: with advice where the operator has to do something. */
export const ok = (zh: string, en: string): Finding => ({ state: "ok", what: { zh, en } });
export const skipped = (zh: string, en: string): Finding => ({ state: "skipped", what: { zh, en } });
export const warning = (what: Text, advice: Text): Finding => ({ state: "warning", what, advice });
export const fault = (what: Text, advice: Text): Finding => ({ state: "fault", what, advice });
