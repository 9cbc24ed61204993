import type { Context, Viewer } from "../context.js";
import { AppError } from "../errors.js";
import type { WechatApp } from "../wechat/app.js";
import type { WechatIdentity } from "../wechat/exchange-code.js";
import { validateCode } from "../wechat/validate-code.js";
import { findUserByOpenid } from "./identities.js";
import { findViewer } from "./viewer.js";

type IdentifyContext = Pick<Context, "wechat" | "rateLimits" | "clientAddress" | "log">;

/**
 * Who a login code of an app stands for. Each counts as a sign-in.
 * @throws AppError `BAD_USER_INPUT` for an impossible code, `RATE_LIMITED`, and the `WX_…` codes
 */
export async function identify(context: IdentifyContext, app: WechatApp, code: string): Promise<WechatIdentity> {
  const { wechat, rateLimits, clientAddress, log } = context;
  await rateLimits.consume("login", { address: clientAddress, log });
  validateCode(code);
  const identity = await wechat.exchangeCode(context, app, code);
  await rateLimits.consume("login", { user: `${identity.appId} ${identity.openid}`, log });
  return identity;
}

/**
 * Makes sure that it is the caller who holds the phone, by a fresh login code of the app of the caller's session, and returns
 * the caller as of after that. Without a code it does nothing, unless `REAUTHENTICATE` demands one.
 * @throws AppError `REAUTHENTICATION_REQUIRED` if the code is missing or anybody else's, and what {@link identify} and {@link findViewer} throw
 */
export async function reauthenticate(
  context: IdentifyContext & Pick<Context, "em" | "now" | "codeRequired">,
  viewer: Viewer,
  code: string | null | undefined,
): Promise<Viewer> {
  const { em, wechat, codeRequired } = context;
  if (code === undefined || code === null) {
    if (codeRequired) throw new AppError("REAUTHENTICATION_REQUIRED");
    return viewer;
  }
  const app = wechat.app(viewer.session.appId);
  if (!app) throw new AppError("UNAUTHENTICATED");
  const { appId, openid } = await identify(context, app, code);
  const owner = await findUserByOpenid(em, appId, openid);
  if (owner?.id !== viewer.user.id) throw new AppError("REAUTHENTICATION_REQUIRED");
  return findViewer(context, { userId: owner.id, sessionId: viewer.session.id });
}
