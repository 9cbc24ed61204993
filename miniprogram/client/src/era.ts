import type { Fail } from "./own-errors";
import type { Slot } from "./slot";
import type { Login, TokenSource } from "./token-source";
import type { TokenStore, Tokens } from "./token-store";

/** The time until somebody signs out, and what the calls that begin in it share. */
export interface Era {
  store: TokenStore;
  source: TokenSource;
  login: Slot<Login>;
  refresh: Slot<Tokens>;
  /** Throws if it is over: then nobody may sign in any more. */
  check(): void;
  /** Saves tokens, unless it is over. */
  keep(tokens: Tokens): Tokens;
  /** Forgets the tokens, and begins the next era. */
  end(): Era;
}

/** Begins an era. When it is over, its calls fail with `UNAUTHENTICATED`. */
export function beginEra(store: TokenStore, source: TokenSource, fail: Fail): Era {
  let isOver = false;
  return {
    store,
    source,
    login: {},
    refresh: {},
    check() {
      if (isOver) throw fail("UNAUTHENTICATED", {}, "NEW_CODE");
    },
    keep(tokens) {
      if (!isOver) store.save(tokens);
      return tokens;
    },
    end() {
      isOver = true;
      store.forget();
      return beginEra(store, source, fail);
    },
  };
}
