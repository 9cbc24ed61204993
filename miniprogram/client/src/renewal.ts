import { againIf } from "./again";
import type { Era } from "./era";
import type { WxpassError } from "./errors";
import { occupy, settled } from "./slot";
import { type Login, needsNewCode } from "./token-source";
import type { Tokens } from "./token-store";

/** The one sign-in. A refresh under way ends first, so that its tokens don't replace those of the sign-in. */
export const signIn = (era: Era): Promise<Login> =>
  era.login.call ||
  occupy(
    era.login,
    settled(era.refresh)
      .then(() => era.source.signIn(era.check))
      .then((login) => {
        era.keep(login.tokens);
        return login;
      }),
  );

/** Tokens for a call: those that are kept, unless they have expired or are those that were `refused`; else new ones. */
export function grant(era: Era, kept?: Tokens, refused?: string): Promise<Tokens> {
  const { refresh } = era;
  const signInAnew = () => {
    era.check();
    return signIn(era).then(({ tokens }) => tokens);
  };
  if (kept && !refresh.call && isGood(kept, refused)) return Promise.resolve(kept);
  const renewal = refresh.call || (kept && !era.login.call && occupy(refresh, renew(era, kept)));
  return renewal ? againIf(needsNewCode, () => renewal, signInAnew) : signInAnew();
}

/** Refreshes tokens. If the server knows them no more, another client of the program may have put newer ones into the store. */
const renew = (era: Era, kept: Tokens): Promise<Tokens> =>
  era.source.refresh(kept).then(era.keep, (error: WxpassError) => {
    if (needsNewCode(error)) {
      era.check();
      const newer = era.store.read();
      if (newer && newer.token !== kept.token) return renew(era, newer);
      era.store.forget();
    }
    throw error;
  });

/** Whether tokens are worth sending. It may be unknown that the access token has expired; then the server says so. */
const isGood = ({ token, expiresAt }: Tokens, refused: string | undefined) =>
  token !== refused && (!expiresAt || Date.now() < expiresAt);
