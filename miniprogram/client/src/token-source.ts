import { onceMoreIf } from "./again";
import { isRefusal, type WxpassError } from "./errors";
import {
  LoginDocument,
  LogoutDocument,
  RefreshDocument,
  type RefreshMutation,
  type UserFragment,
} from "./generated/operations";
import { platformError } from "./own-errors";
import { callPlatform } from "./platform";
import type { Server } from "./server";
import type { Setup } from "./setup";
import type { Tokens } from "./token-store";

/** What a sign-in gave. */
export interface Login {
  tokens: Tokens;
  user: UserFragment;
  isNewUser: boolean;
}

/** Where tokens come from and go to. It keeps nothing. */
export interface TokenSource {
  /**
   * Gets a code from `wx.login` and signs in with it; if the server asks for a new code, once more. No code is sent twice, so
   * if the answer to it gets lost, that is the end. `proceed` throws if nobody wants the sign-in any more.
   */
  signIn(proceed: () => void): Promise<Login>;
  /** Exchanges the refresh token. If the answer gets lost, the same token is sent once more, and gets the same successor. */
  refresh(tokens: Tokens): Promise<Tokens>;
  /** Ends the session of the tokens. */
  end(tokens: Tokens): Promise<unknown>;
}

/** Milliseconds that a refresh may take: the server knows a token that comes again for ten seconds, so two have to fit in. */
const refreshTimeout = 5_000;

/** Makes the source of tokens of a client. */
export function createTokenSource({ use, appId, timeout, fail }: Setup, server: Server): TokenSource {
  const fetchCode = (): Promise<string> =>
    callPlatform<{ code?: string }>(timeout, (callbacks) => use("login")(callbacks))
      .then(({ code }) => code || Promise.reject("no code"))
      .catch((reason) => {
        throw platformError(reason, fail, "LOGIN_FAILED");
      });

  const signInOnce = (proceed: () => void): Promise<Login> =>
    Promise.resolve()
      .then(proceed)
      .then(fetchCode)
      .then((code) => {
        proceed();
        return server.send(LoginDocument, appId ? { code, appId } : { code });
      })
      .then(({ data: { value }, serverTime }) => {
        const { user, isNewUser } = value;
        return { tokens: received(value, serverTime), user, isNewUser };
      });

  function refresh({ refreshToken }: Tokens): Promise<Tokens> {
    return onceMoreIf(isLost, () =>
      server.send(RefreshDocument, { refreshToken }, undefined, Math.min(timeout, refreshTimeout)),
    ).then(({ data, serverTime }) => received(data.value, serverTime));
  }

  const logout = ({ token }: Tokens): Promise<unknown> => server.send(LogoutDocument, {}, token);

  return {
    signIn: (proceed) => onceMoreIf(needsNewCode, () => signInOnce(proceed)),
    refresh,
    end: (tokens) =>
      logout(tokens).catch((error: WxpassError) => {
        if (!isRefusal(error)) throw error;
        return refresh(tokens).then(logout);
      }),
  };
}

/** The phone's clock may be wrong, so what is left of the token's life is told by the server's clock, and counted from now. */
function received({ token, refreshToken, expiresAt }: RefreshMutation["value"], serverTime: number): Tokens {
  const life = Date.parse(expiresAt) - serverTime;
  return { token, refreshToken, expiresAt: life > 0 ? Date.now() + life : 0 };
}

/** Whether the server wants another code, or another sign-in. */
export const needsNewCode = ({ retry }: WxpassError) => retry === "NEW_CODE";

/** Whether no answer came from wxpass, which always says when to come later. It may have done what was asked. */
const isLost = ({ retry, retryAfter }: WxpassError) => retry === "LATER" && !retryAfter;
