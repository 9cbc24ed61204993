import type { SqlEntityManager } from "@mikro-orm/sql";
import type { Logger } from "pino";
import type { AccessTokens } from "./auth/access-token.js";
import type { RefreshTokens } from "./auth/refresh-token.js";
import type { SessionLife } from "./auth/session.js";
import type { SessionSweeper } from "./auth/sweep-sessions.js";
import { createTextJudge } from "./auth/text-judge.js";
import { findViewer, type Viewer } from "./auth/viewer.js";
import type { ImageNormalizer } from "./avatar/normalize-image.js";
import type { AvatarStore } from "./avatar/store.js";
import { AppError, type Language } from "./errors.js";
import type { RateLimits } from "./limits/rate-limits.js";
import type { Metrics } from "./metrics.js";
import { appIdFromReferer } from "./wechat/referer.js";
import type { Verdict } from "./wechat/verdict.js";
import type { Wechat } from "./wechat/wechat.js";

/** What lives as long as the server; `startApp` makes it once. */
export interface Services {
  em: SqlEntityManager;
  wechat: Wechat;
  /** Whether texts go through WeChat's content check before they are saved. */
  contentCheck: boolean;
  /** Whether new avatars do; the verdicts need WeChat's messages. */
  avatarCheck: boolean;
  accessTokens: AccessTokens;
  refreshTokens: RefreshTokens;
  sessionLife: SessionLife;
  sessionSweeper: SessionSweeper;
  avatarStore: AvatarStore;
  images: ImageNormalizer;
  rateLimits: RateLimits;
  metrics: Metrics;
  now: () => Date;
  log: Logger;
}

/** What the edge knows about a request. */
export interface IncomingRequest {
  requestId: string;
  language: Language;
  authorization: string | undefined;
  referer: string | undefined;
  userAgent: string | undefined;
  /** Whom rate limits take for one client. */
  clientAddress: string;
}

/** What every resolver gets: the services, with an entity manager of the request's own, and who is asking. */
export interface Context extends Services {
  requestId: string;
  language: Language;
  /** The app that the `Referer` names. */
  refererAppId: string | undefined;
  userAgent: string | undefined;
  clientAddress: string;
  /** What the request's log line says: the name of the operation, what it did, for whom, and how it ended. */
  report: { operation?: string; field?: string; userId?: string; outcome: string };
  /** The caller; looked up once. Throws `UNAUTHENTICATED` or `USER_DISABLED`. */
  viewer(): Promise<Viewer>;
  /** Asks WeChat about a text of the caller's; undefined if the content check is off. */
  judgeText: ((text: string) => Promise<Verdict>) | undefined;
}

/** Builds the context of a request. It decodes the token but doesn't judge: a bad one only matters to those who need a caller. */
export function createContext(services: Services, request: IncomingRequest): Context {
  const token = /^Bearer +(\S+) *$/i.exec(request.authorization ?? "")?.[1];
  const claims = token === undefined ? undefined : services.accessTokens.verify(token);
  const em = services.em.fork();
  let viewer: Promise<Viewer> | undefined;

  async function authenticate(): Promise<Viewer> {
    if (!claims) throw new AppError("UNAUTHENTICATED");
    const found = await findViewer(em, claims, services.now());
    report.userId = found.user.id;
    return found;
  }

  function authenticateOnce(): Promise<Viewer> {
    viewer ??= authenticate();
    return viewer;
  }

  const report: Context["report"] = { outcome: "ok" };
  const textJudge = { em, wechat: services.wechat, viewer: authenticateOnce };

  return {
    ...services,
    em,
    log: services.log.child({ requestId: request.requestId }),
    requestId: request.requestId,
    language: request.language,
    refererAppId: appIdFromReferer(request.referer),
    userAgent: request.userAgent,
    clientAddress: request.clientAddress,
    report,
    viewer: authenticateOnce,
    judgeText: services.contentCheck ? createTextJudge(textJudge) : undefined,
  };
}
