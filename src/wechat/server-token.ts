import { z } from "zod";
import { createSingleFlight } from "../within.js";
import type { WechatApp } from "./app.js";
import type { CallWechat, WechatRequest } from "./call.js";
import { WechatRefusal } from "./errcodes.js";

/** Calls an endpoint that wants the server's own access token, for an app. */
export type CallWithToken = <Shape extends z.ZodType>(
  app: WechatApp,
  request: Omit<WechatRequest, "query">,
  shape: Shape,
) => Promise<z.infer<Shape>>;

interface ServerToken {
  token: string;
  /** Milliseconds since 1970. */
  renewAt: number;
}

/** Before its end at which a token is renewed; WeChat accepts both for so long. */
const marginMs = 5 * 60_000;

/** The errcodes of a token that is invalid or expired. */
const stale = new Set([40001, 40014, 42001]);

const answerShape = z.object({ access_token: z.string().min(1).max(512), expires_in: z.int().positive() });

/**
 * Makes the function that calls with a token. There is one call for a token at a time in each app; when WeChat finds a
 * token stale it is renewed once, unless another request has done so meanwhile, and the call is made once more.
 * @see https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/mp-access-token/getStableAccessToken.html
 */
export function createCallWithToken(call: CallWechat, now: () => Date): CallWithToken {
  const tokens = new Map<string, ServerToken>();
  const flight = createSingleFlight<ServerToken>();

  async function renew({ appId, secret }: WechatApp): Promise<ServerToken> {
    const body = { grant_type: "client_credential", appid: appId, secret };
    const { access_token: token, expires_in } = await call({ path: "/cgi-bin/stable_token", body }, answerShape);
    const renewed = { token, renewAt: now().getTime() + expires_in * 1_000 - marginMs };
    tokens.set(appId, renewed);
    return renewed;
  }

  /** A good token: the one at hand, unless it is due for renewal or the stale one. */
  async function tokenFor(app: WechatApp, staleToken?: string): Promise<string> {
    const known = tokens.get(app.appId);
    if (known && known.token !== staleToken && now().getTime() < known.renewAt) return known.token;
    return (await flight(app.appId, () => renew(app))).token;
  }

  return async (app, request, shape) => {
    const access_token = await tokenFor(app);
    try {
      return await call({ ...request, query: { access_token } }, shape);
    } catch (error) {
      if (!(error instanceof WechatRefusal && stale.has(error.errcode))) throw error;
    }
    return call({ ...request, query: { access_token: await tokenFor(app, access_token) } }, shape);
  };
}
