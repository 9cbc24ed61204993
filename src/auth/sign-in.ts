import type { SqlEntityManager } from "@mikro-orm/sql";
import type { Logger } from "pino";
import { AppError } from "../errors.js";
import type { RateLimits } from "../limits/rate-limits.js";
import type { AccessTokens } from "../tokens/access-tokens.js";
import type { RefreshTokens } from "../tokens/refresh-tokens.js";
import { checkCode } from "../wechat/check-code.js";
import type { Wechat } from "../wechat/wechat.js";
import type { LoginPayload } from "./login-payload.js";
import { openSession } from "./open-session.js";
import type { SessionLife } from "./session.js";
import type { SessionSweeper } from "./sweep-sessions.js";

interface Dependencies {
  em: SqlEntityManager;
  wechat: Wechat;
  accessTokens: AccessTokens;
  refreshTokens: RefreshTokens;
  sessionLife: SessionLife;
  sessionSweeper: SessionSweeper;
  rateLimits: RateLimits;
  now: () => Date;
  log: Logger;
  /** The app that the request's `Referer` names. */
  refererAppId: string | undefined;
  userAgent: string | undefined;
  clientAddress: string;
}

/**
 * Signs in whoever a login code stands for, and opens a session for the device.
 * @throws AppError `BAD_USER_INPUT` for an impossible code or unknown app, `RATE_LIMITED`, `USER_DISABLED`, and the `WX_…` codes
 */
export async function signIn(
  dependencies: Dependencies,
  { code, appId }: { code: string; appId: string | undefined },
): Promise<LoginPayload> {
  const { wechat, accessTokens, refreshTokens, sessionSweeper, rateLimits, refererAppId, clientAddress, log } =
    dependencies;
  await rateLimits.consume("login", { address: clientAddress, log });
  checkCode(code);
  const app = appId === undefined ? wechat.appOrDefault(refererAppId) : wechat.app(appId);
  if (!app) {
    const text = { zh: "appId 不是本服务器配置的小程序", en: "appId is not an app that this server knows" };
    throw new AppError("BAD_USER_INPUT", { field: "appId", text });
  }
  const identity = await wechat.exchangeCode(dependencies, app, code);
  await rateLimits.consume("login", { user: `${identity.appId} ${identity.openid}`, log });
  const { user, session, isNewUser } = await openSession(dependencies, identity);
  sessionSweeper.sweep();
  const accessToken = accessTokens.issue({ userId: user.id, sessionId: session.id });
  return { ...accessToken, refreshToken: refreshTokens.issue(session), user, isNewUser };
}
