import { assign, isObject, isString } from "./json";
import type { Setup } from "./setup";

/** What a sign-in or a refresh gave. */
export interface Tokens {
  token: string;
  refreshToken: string;
  /** When the access token expires, as `Date.now()` of the phone tells it; 0 if that is unknown. */
  expiresAt: number;
}

/** Keeps the tokens of one server in the phone's storage, with the server's address, since no other may get them. */
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
        if (!isBehind) tokens = isObject(kept) && kept["url"] === url && isTokens(kept) ? kept : undefined;
      } catch (_) {
        // Memory has them too.
      }
      return tokens;
    },
    save: (next) => change(next, () => use("setStorageSync")(storageKey, assign({ url }, next))),
    forget: () => change(undefined, () => use("removeStorageSync")(storageKey)),
  };
}

/** Anybody may have written to the storage. */
const isTokens = (value: Partial<Record<keyof Tokens, unknown>>): value is Tokens =>
  isString(value.token) && isString(value.refreshToken) && typeof value.expiresAt === "number";
