import type { WxpassError } from "./errors";
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

/** Tokens for a call, and whether they are so new that there is no point in renewing them if the server refuses. */
interface Grant {
  tokens: Tokens;
  isNew: boolean;
}

const nothing = () => undefined;

/** Waits for something, however it ends. */
const settled = (promise: Promise<unknown> | undefined) => Promise.resolve(promise).then(nothing, nothing);

/** Makes the session of a client; calls reject with `signedOut()` if the person signs out while they wait for tokens. */
export function createSession(store: TokenStore, source: TokenSource, signedOut: () => WxpassError): Session {
  /** Counts how often somebody has signed out; what began before must not sign in. */
  let era = 0;
  let signingIn: Promise<Login> | undefined;
  let refreshing: Promise<Tokens> | undefined;
  /** While something that ends the session is under way, nobody gets tokens. */
  let finishing: Promise<unknown> | undefined;

  function check(began: number): void {
    if (began !== era) throw signedOut();
  }

  function keep(began: number, tokens: Tokens): void {
    if (began === era) store.save(tokens);
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
    refreshing = source.refresh(tokens).then(
      (next) => {
        keep(began, next);
        return next;
      },
      (error: WxpassError) => {
        if (needsNewCode(error) && began === era) store.forget();
        throw error;
      },
    );
    refreshing.then(done, done);
    return refreshing;
  }

  /** Tokens for a call: those that are kept, unless they have expired or are those that were `refused`; else new ones. */
  function grant(began: number, refused?: string): Promise<Grant> {
    const asNew = (tokens: Tokens) => ({ tokens, isNew: true });
    const signInAnew = () => signIn().then(({ tokens }) => asNew(tokens));
    const kept = store.read();
    if (kept && !refreshing && isGood(kept, refused)) return Promise.resolve({ tokens: kept, isNew: false });
    const renewal = refreshing || (kept && !signingIn && refresh(kept));
    if (!renewal) return signInAnew();
    return renewal.then(asNew, (error: WxpassError) => {
      if (!needsNewCode(error)) throw error;
      check(began);
      return signInAnew();
    });
  }

  /** Sends with a token; `ready` is waited for before each look at the tokens. */
  function sendWith<Result>(start: (token: string) => Promise<Result>, began: number, ready: () => Promise<unknown>) {
    const attempt = (refused?: string): Promise<Result> =>
      ready()
        .then(() => {
          check(began);
          return grant(began, refused);
        })
        .then(({ tokens, isNew }) => {
          check(began);
          return start(tokens.token).catch((error: WxpassError) => {
            if (error.code !== "UNAUTHENTICATED" || isNew) throw error;
            return attempt(tokens.token);
          });
        });
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
      return settled(finishing)
        .then(() => {
          check(began);
          return signIn();
        })
        .then(({ user, isNewUser }) => {
          check(began);
          return { user, isNewUser };
        });
    },

    send: (start) => sendWith(start, era, () => settled(finishing)),

    finish(start) {
      const began = era;
      return exclusively(() =>
        sendWith(start, began, () => settled(undefined)).then((result) => {
          era++;
          store.forget();
          return result;
        }),
      );
    },

    logout() {
      const kept = store.read();
      const coming = signingIn ? signingIn.then(({ tokens }) => tokens) : refreshing;
      era++;
      store.forget();
      return exclusively(() =>
        Promise.resolve(coming)
          .catch(nothing)
          .then((tokens = kept) => tokens && source.end(tokens)),
      ).then(nothing, nothing);
    },
  };
}

/** Whether tokens are worth sending. It may be unknown that the access token has expired; then the server says so. */
const isGood = ({ token, expiresAt }: Tokens, refused: string | undefined) =>
  token !== refused && (expiresAt === undefined || Date.now() < expiresAt);
