import type { Logger } from "pino";
import { z } from "zod";
import { isToCome } from "../clock.js";
import { AppError } from "../errors.js";
import { createSingleFlight } from "../within.js";
import type { WechatApp } from "./app.js";
import { type CallWechat, type WechatRequest, withDeadline } from "./call.js";
import { staleTokenErrcodes, unavailable, WechatRefusal } from "./errcodes.js";

/** Calls an endpoint that wants the server's own access token, for an app. */
export type CallWithToken = <Shape extends z.ZodType>(
  log: Logger,
  app: WechatApp,
  request: Omit<WechatRequest, "query">,
  shape: Shape,
) => Promise<z.infer<Shape>>;

interface ServerToken {
  token: string;
  /** Milliseconds since 1970. */
  renewAt: number;
  lifeMs: number;
}

/** Before its end at which a token is renewed; WeChat accepts both for so long. */
const marginMs = 5 * 60_000;

const answerShape = z.object({ access_token: z.string().min(1).max(512), expires_in: z.int().positive() });

/**
 * Fetches an app's token. WeChat gives everybody who asks the same one until it is due, so that this disturbs nobody.
 * @throws WechatRefusal, NoAnswer
 */
export function fetchServerToken(
  call: CallWechat,
  log: Logger,
  { appId, secret }: WechatApp,
): Promise<z.infer<typeof answerShape>> {
  const body = { grant_type: "client_credential", appid: appId, secret };
  return call(log, { path: "/cgi-bin/stable_token", body }, answerShape);
}

/**
 * Makes the function that calls with a token. There is one call for a token at a time in each app; when WeChat finds a
 * token stale it is renewed once, unless another request has done so meanwhile, and the call is made once more, within the
 * one deadline of a call. Where there is no good token, `WX_BUSY` says `LATER`: a new code wouldn't help.
 * @see https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/mp-access-token/getStableAccessToken.html
 */
export function createCallWithToken(call: CallWechat, now: () => Date): CallWithToken {
  const tokens = new Map<string, ServerToken>();
  const flight = createSingleFlight<ServerToken>();

  async function renew(log: Logger, app: WechatApp): Promise<ServerToken> {
    const answer = await fetchServerToken(call, log, app).catch(withoutToken);
    const lifeMs = answer.expires_in * 1_000 - marginMs;
    const renewed = { token: answer.access_token, renewAt: now().getTime() + lifeMs, lifeMs };
    tokens.set(app.appId, renewed);
    return renewed;
  }

  /** A good token: the one at hand, unless it is due for renewal or the stale one. */
  async function tokenFor(log: Logger, app: WechatApp, staleToken?: string): Promise<string> {
    const known = tokens.get(app.appId);
    if (known && known.token !== staleToken && isToCome(known.renewAt, now().getTime(), known.lifeMs))
      return known.token;
    return (await flight(app.appId, () => renew(log, app))).token;
  }

  return (log, app, request, shape) =>
    withDeadline(async (signal) => {
      const access_token = await tokenFor(log, app);
      try {
        return await call(log, { ...request, query: { access_token } }, shape, signal);
      } catch (error) {
        if (!isStaleToken(error)) throw error;
      }
      const renewed = { ...request, query: { access_token: await tokenFor(log, app, access_token) } };
      try {
        return await call(log, renewed, shape, signal);
      } catch (error) {
        if (isStaleToken(error)) log.error({ endpoint: request.path }, "WeChat refuses a token that it has just given");
        throw error;
      }
    });
}

const isStaleToken = (error: unknown) => error instanceof WechatRefusal && staleTokenErrcodes.has(error.errcode);

function withoutToken(error: unknown): never {
  if (!(error instanceof AppError && error.code === "WX_BUSY")) throw error;
  throw error.retry === "LATER" ? error : new AppError("WX_BUSY", unavailable);
}
