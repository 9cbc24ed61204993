import { isRefusal, type WxpassError } from "./errors";
import type { UserFragment } from "./generated/operations";
import { type Login, needsNewCode, type TokenSource } from "./token-source";
import type { TokenStore, Tokens } from "./token-store";

/**
 * Gives calls their tokens. However many calls need a sign-in or a refresh at once, there is one; and no call that began before
 * the person signed out signs in again.
 */
export interface Session {
  /** Signs in, whether signed in or not. */
  login(): Promise<{ user: UserFragment; isNewUser: boolean }>;
  /**
   * Sends something that needs a token. `UNAUTHENTICATED` says that the server has not done it, so it is sent once more, with
   * the tokens that another call has got meanwhile, or with new ones. Nothing else makes it send again.
   */
  send<Result>(start: (token: string) => Promise<Result>): Promise<Result>;
  /** The same for something that ends the session: when it has succeeded, the tokens are forgotten. */
  finish<Result>(start: (token: string) => Promise<Result>): Promise<Result>;
  /** Forgets the tokens at once, then ends the session on the server, if it can be reached. Never rejects. */
  logout(): Promise<void>;
}

const nothing = () => undefined;

/** Waits for something, however it ends. */
const settled = (promise?: Promise<unknown>) => Promise.resolve(promise).then(nothing, nothing);

/** Makes the session of a client; calls reject with `signedOut()` if the person signs out while they wait for tokens. */
export function createSession(store: TokenStore, source: TokenSource, signedOut: () => WxpassError): Session {
  /** Counts how often somebody has signed out; what began before must not sign in. */
  let era = 0;
  let signingIn: Promise<Login> | undefined;
  let refreshing: Promise<Tokens> | undefined;
  /** Tokens that came when the person had signed out already. */
  let late: Tokens | undefined;
  /** While something that ends the session is under way, nobody gets tokens. */
  let finishing: Promise<unknown> | undefined;

  function check(began: number): void {
    if (began !== era) throw signedOut();
  }

  function keep(began: number, tokens: Tokens): void {
    if (began === era) store.save(tokens);
    else late = tokens;
  }

  /** The one sign-in. A refresh under way ends first, so that its tokens don't replace those of the sign-in. */
  function signIn(): Promise<Login> {
    if (signingIn) return signingIn;
    const began = era;
    const done = () => {
      signingIn = undefined;
    };
    signingIn = settled(refreshing)
      .then(() => source.signIn(() => check(began)))
      .then((login) => {
        keep(began, login.tokens);
        return login;
      });
    signingIn.then(done, done);
    return signingIn;
  }

  /** The one refresh. */
  function refresh(tokens: Tokens): Promise<Tokens> {
    const began = era;
    const done = () => {
      refreshing = undefined;
    };
    const renew = (kept: Tokens): Promise<Tokens> =>
      source.refresh(kept).then(
        (next) => {
          keep(began, next);
          return next;
        },
        (error: WxpassError) => {
          if (needsNewCode(error) && began === era) {
            const newer = store.read();
            // Another client of the program has got tokens meanwhile.
            if (newer && newer.token !== kept.token) return renew(newer);
            store.forget();
          }
          throw error;
        },
      );
    refreshing = renew(tokens);
    refreshing.then(done, done);
    return refreshing;
  }

  /** Tokens for a call: those that are kept, unless they have expired or are those that were `refused`; else new ones. */
  function grant(began: number, kept: Tokens | undefined, refused: string | undefined): Promise<Tokens> {
    const signInAnew = () => signIn().then(({ tokens }) => tokens);
    if (kept && !refreshing && isGood(kept, refused)) return Promise.resolve(kept);
    const renewal = refreshing || (kept && !signingIn && refresh(kept));
    if (!renewal) return signInAnew();
    return renewal.catch((error: WxpassError) => {
      if (!needsNewCode(error)) throw error;
      check(began);
      return signInAnew();
    });
  }

  /** Goes on when it is known that the person is still signed in, in the same moment, so that nobody signs out in between. */
  const whenReady = <Result>(began: number, go: () => Promise<Result>, isFinishing?: boolean): Promise<Result> =>
    settled().then(() => {
      if (finishing && !isFinishing) return finishing.then(() => whenReady(began, go));
      check(began);
      return go();
    });

  /** Sends with a token. If new tokens are refused, there is no point in newer ones. */
  function sendWith<Result>(start: (token: string) => Promise<Result>, began: number, isFinishing?: boolean) {
    const attempt = (refused?: string): Promise<Result> =>
      whenReady(
        began,
        () => {
          const kept = store.read();
          return grant(began, kept, refused).then((tokens) => {
            check(began);
            return start(tokens.token).catch((error: WxpassError) => {
              if (!isRefusal(error) || tokens !== kept) throw error;
              return attempt(tokens.token);
            });
          });
        },
        isFinishing,
      );
    return attempt();
  }

  /** Does something that ends the session: after all sign-ins and refreshes under way, and before the next. */
  function exclusively<Result>(run: () => Promise<Result>): Promise<Result> {
    const result = Promise.all([finishing, signingIn, refreshing].map(settled)).then(run);
    const end = settled(result).then(() => {
      if (finishing === end) finishing = undefined;
    });
    finishing = end;
    return result;
  }

  return {
    login() {
      const began = era;
      return whenReady(began, signIn).then(({ user, isNewUser }) => {
        check(began);
        return { user, isNewUser };
      });
    },

    send: (start) => sendWith(start, era),

    finish(start) {
      const began = era;
      return exclusively(() =>
        sendWith(start, began, true).then((result) => {
          era++;
          store.forget();
          return result;
        }),
      );
    },

    logout() {
      const kept = store.read();
      era++;
      store.forget();
      return exclusively(() => {
        const last = late || kept;
        late = undefined;
        return last ? source.end(last) : settled();
      }).then(nothing, nothing);
    },
  };
}

/** Whether tokens are worth sending. It may be unknown that the access token has expired; then the server says so. */
const isGood = ({ token, expiresAt }: Tokens, refused: string | undefined) =>
  token !== refused && (!expiresAt || Date.now() < expiresAt);
