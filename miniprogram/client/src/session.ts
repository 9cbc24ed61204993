import { againIf } from "./again";
import { beginEra, type Era } from "./era";
import { isRefusal } from "./errors";
import type { UserFragment } from "./generated/operations";
import type { Fail } from "./own-errors";
import { grant, signIn } from "./renewal";
import { nothing, occupy, type Slot, settled } from "./slot";
import type { Login, TokenSource } from "./token-source";
import type { TokenStore, Tokens } from "./token-store";

/** Sends something with an access token. */
type Start<Result> = (token: string) => Promise<Result>;

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
  send<Result>(start: Start<Result>): Promise<Result>;
  /** The same for something that ends the session: when it has succeeded, the tokens are forgotten. */
  finish<Result>(start: Start<Result>): Promise<Result>;
  /** Forgets the tokens at once, then ends the session on the server, if it can be reached. Never rejects. */
  logout(): Promise<void>;
}

/** Makes the session of a client; calls reject with `UNAUTHENTICATED` if the person signs out while they wait for tokens. */
export function createSession(store: TokenStore, source: TokenSource, fail: Fail): Session {
  const finishing: Slot<unknown> = {};
  let era = beginEra(store, source, fail);
  return {
    login: () => login(era, finishing),
    send: (start) => send(era, finishing, start),
    finish(start) {
      const began = era;
      return exclusively(finishing, began, () =>
        send(began, {}, start).then((result) => {
          era = era.end();
          return result;
        }),
      );
    },
    logout() {
      const kept = store.read();
      const ended = era;
      era = era.end();
      return exclusively(finishing, ended, ([login, tokens]) => {
        const last = login ? login.tokens : tokens || kept;
        return last && source.end(last);
      }).then(nothing, nothing);
    },
  };
}

const login = (era: Era, finishing: Slot<unknown>): ReturnType<Session["login"]> =>
  whenOpen(era, finishing, () => signIn(era)).then(({ user, isNewUser }) => {
    era.check();
    return { user, isNewUser };
  });

/** Sends with a token, once `gate` is free. If new tokens are refused, there is no point in newer ones. */
function send<Result>(era: Era, gate: Slot<unknown>, start: Start<Result>): Promise<Result> {
  const attempt = (refused?: string): Promise<Result> =>
    whenOpen(era, gate, () => {
      const kept = era.store.read();
      return grant(era, kept, refused).then((tokens) => {
        era.check();
        return againIf(
          (error) => isRefusal(error) && tokens === kept,
          () => start(tokens.token),
          () => attempt(tokens.token),
        );
      });
    });
  return attempt();
}

/** Goes on when it is known that the person is still signed in, in the same moment, so that nobody signs out in between. */
const whenOpen = <Result>(era: Era, gate: Slot<unknown>, go: () => Promise<Result>): Promise<Result> =>
  settled({}).then(() => {
    if (gate.call) return settled(gate).then(() => whenOpen(era, gate, go));
    era.check();
    return go();
  });

/** Does something that ends the session: after all sign-ins and refreshes under way, and before the next. */
const exclusively = <Result>(
  finishing: Slot<unknown>,
  era: Era,
  run: (ended: [Login | undefined, Tokens | undefined, unknown]) => Result | Promise<Result>,
) => occupy(finishing, Promise.all([settled(era.login), settled(era.refresh), settled(finishing)]).then(run));
