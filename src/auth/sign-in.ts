import type { Context } from "../context.js";
import { AppError } from "../errors.js";
import { identify } from "./identify.js";
import type { LoginPayload } from "./login-payload.js";
import { openSession } from "./open-session.js";

/**
 * Signs in whoever a login code stands for, and opens a session for the device.
 * @throws AppError `BAD_USER_INPUT` for an impossible code or unknown app, `RATE_LIMITED`, `USER_DISABLED`, and the `WX_…` codes
 */
export async function signIn(
  context: Context,
  { code, appId }: { code: string; appId: string | undefined },
): Promise<LoginPayload> {
  const { wechat, accessTokens, refreshTokens, refererAppId } = context;
  const app = appId === undefined ? wechat.appOrDefault(refererAppId) : wechat.app(appId);
  if (!app) {
    const text = { zh: "appId 不是本服务器配置的小程序", en: "appId is not an app that this server knows" };
    throw new AppError("BAD_USER_INPUT", { field: "appId", text });
  }
  const identity = await identify(context, app, code);
  const { user, session, isNewUser } = await openSession(context, identity);
  const { id: sessionId, appId: signedInTo, accessKeyId: keyId } = session;
  const accessToken = accessTokens.issue({ userId: user.id, sessionId, appId: signedInTo, keyId });
  return { ...accessToken, refreshToken: refreshTokens.issue(session), user, isNewUser };
}
