import { randomBytes } from "node:crypto";

/** What a code stands for: a person, in an app, for one purpose. */
export interface CodeHolder {
  appId: string;
  person: string;
  /** The number that a phone code vouches for. */
  phone?: string;
}

export type CodeState = "unknown" | "used" | CodeHolder;

/** One-time codes as WeChat hands them out: each works once, for five minutes. */
export interface Codes {
  issue(holder: CodeHolder): string;
  /** What the code stands for; it is spent by this. A code of another app is unknown and stays good. */
  spend(code: string, appId: string): CodeState;
}

/** How long a code lives. */
const lifetimeMs = 5 * 60_000;

/** Makes a drawer of one-time codes. */
export function createCodes(now: () => Date): Codes {
  const issued = new Map<string, { holder: CodeHolder; expiresAt: number; used: boolean }>();

  return {
    issue(holder) {
      for (const [code, { expiresAt }] of issued) if (expiresAt <= now().getTime()) issued.delete(code);
      const code = `0${randomBytes(24).toString("base64url").replace(/[-_]/g, "0").slice(0, 31)}`;
      issued.set(code, { holder, expiresAt: now().getTime() + lifetimeMs, used: false });
      return code;
    },

    spend(code, appId) {
      const found = issued.get(code);
      if (!found || found.holder.appId !== appId || found.expiresAt <= now().getTime()) return "unknown";
      if (found.used) return "used";
      found.used = true;
      return found.holder;
    },
  };
}
