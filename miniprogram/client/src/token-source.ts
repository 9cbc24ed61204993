import { againIf } from "./again";
import { isRefusal, type WxpassError } from "./errors";
import {
  LoginDocument,
  LogoutDocument,
  RefreshDocument,
  type RefreshMutation,
  type UserFragment,
} from "./generated/operations";
import { throwPlatformError } from "./own-errors";
import { type Callbacks, callPlatform } from "./platform";
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
  /** Gets a code from `wx.login`, for one use. */
  fetchCode(): Promise<string>;
  /** Exchanges the refresh token. If the answer gets lost, the same token is sent once more, and gets the same successor. */
  refresh(tokens: Tokens): Promise<Tokens>;
  /** Ends the session of the tokens. */
  end(tokens: Tokens): Promise<unknown>;
}

/** How long a refresh may take: the server knows a token that comes again for ten seconds, so two have to fit in. */
const refreshTimeoutMs = 5_000;

/** Makes the source of tokens of a client. */
export function createTokenSource({ use, appId, timeoutMs, fail }: Setup, server: Server): TokenSource {
  const fetchCode = (): Promise<string> =>
    callPlatform(timeoutMs, (options: Callbacks<{ code?: string }>) => use("login")(options), {})
      .then(({ code }) => code || Promise.reject("no code"))
      .catch(throwPlatformError(fail, "LOGIN_FAILED"));

  const signInOnce = (proceed: () => void): Promise<Login> => {
    proceed();
    return fetchCode()
      .then((code) => {
        proceed();
        return server.send(LoginDocument, appId ? { code, appId } : { code });
      })
      .then(({ data: { value }, serverTimeMs }) => {
        const { user, isNewUser } = value;
        return { tokens: received(value, serverTimeMs), user, isNewUser };
      });
  };

  const refresh = ({ refreshToken }: Tokens): Promise<Tokens> =>
    againIf(isLost, () =>
      server.send(RefreshDocument, { refreshToken }, undefined, Math.min(timeoutMs, refreshTimeoutMs)),
    ).then(({ data, serverTimeMs }) => received(data.value, serverTimeMs));

  const logout = ({ token }: Tokens): Promise<unknown> => server.send(LogoutDocument, {}, token);

  return {
    signIn: (proceed) => againIf(needsNewCode, () => signInOnce(proceed)),
    fetchCode,
    refresh,
    end: (tokens) =>
      againIf(
        isRefusal,
        () => logout(tokens),
        () => refresh(tokens).then(logout),
      ),
  };
}

/** The phone's clock may be wrong, so what is left of the token's life is told by the server's clock, and counted from now. */
function received({ token, refreshToken, expiresAt }: RefreshMutation["value"], serverTimeMs: number): Tokens {
  const lifeMs = Date.parse(expiresAt) - serverTimeMs;
  return { token, refreshToken, expiresAt: lifeMs > 0 ? Date.now() + lifeMs : 0 };
}

/** Whether the server wants another code, or another sign-in. */
export const needsNewCode = ({ retry }: WxpassError) => retry === "NEW_CODE";

/** Whether no answer came from wxpass, which always says when to come later. It may have done what was asked. */
const isLost = ({ retry, retryAfter }: WxpassError) => retry === "LATER" && !retryAfter;
