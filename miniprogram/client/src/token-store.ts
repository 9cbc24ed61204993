import { isObject } from "./json";
import type { Setup } from "./setup";

/** What a sign-in or a refresh gave. */
export interface Tokens {
  /** The server that gave them, and the only one that they are sent to. */
  url: string;
  token: string;
  refreshToken: string;
  /** When the access token expires, by the phone's clock; unknown if the server's answer had no `Date`. */
  expiresAt?: number;
}

/** Keeps the tokens of one server in the phone's storage. */
export interface TokenStore {
  /** The tokens as the storage has them now: another client of the same program may have put newer ones there. */
  read(): Tokens | undefined;
  save(tokens: Tokens): void;
  forget(): void;
}

/** Makes a token store. If the storage fails, memory serves, and the next start of the program signs in again. */
export function createTokenStore({ use, storageKey, url }: Setup): TokenStore {
  let tokens: Tokens | undefined;
  /** The storage didn't take the latest change, so it has something older than memory. */
  let isBehind = false;

  function change(next: Tokens | undefined, write: () => void): void {
    tokens = next;
    isBehind = false;
    try {
      write();
    } catch (_) {
      isBehind = true;
    }
  }

  return {
    read() {
      try {
        const kept = use("getStorageSync")(storageKey);
        if (!isBehind) tokens = isTokens(kept) && kept.url === url ? kept : undefined;
      } catch (_) {
        // Memory has them too.
      }
      return tokens;
    },
    save: (next) => change(next, () => use("setStorageSync")(storageKey, next)),
    forget: () => change(undefined, () => use("removeStorageSync")(storageKey)),
  };
}

/** Anybody may have written to the storage. */
const isTokens = (value: unknown): value is Tokens =>
  isObject(value) && isText(value["url"]) && isText(value["token"]) && isText(value["refreshToken"]);

const isText = (value: unknown) => typeof value === "string" && value !== "";
