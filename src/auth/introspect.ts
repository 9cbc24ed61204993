import type { Context } from "../context.js";
import { AppError } from "../errors.js";
import { authenticate } from "./viewer.js";

/** What a token stands for, or that it is good for nothing. https://www.rfc-editor.org/rfc/rfc7662#section-2.2 */
export type Introspection =
  | { active: false }
  | {
      active: true;
      token_type: "Bearer";
      iss: string;
      aud: string;
      sub: string;
      /** The app that signed in. */
      client_id: string;
      sid: string;
      jti: string;
      iat: number;
      exp: number;
    };

/** Tells whether a token is good, its session stands and its user may act, and what the token says. */
export async function introspect(
  context: Pick<Context, "accessTokens" | "em" | "wechat" | "now">,
  token: string,
): Promise<Introspection> {
  const { issuer: iss, audience: aud } = context.accessTokens;
  try {
    const { viewer, claims } = await authenticate(context, token);
    const { user, session } = viewer;
    const { tokenId: jti, iat, exp } = claims;
    const about = { sub: user.id, client_id: session.appId, sid: session.id };
    return { active: true, token_type: "Bearer", iss, aud, ...about, jti, iat, exp };
  } catch (error) {
    if (error instanceof AppError) return { active: false };
    throw error;
  }
}
