import type { SqlEntityManager } from "@mikro-orm/sql";
import type { Logger } from "pino";
import type { AppErrorDetails, ClientError, ErrorKind, Language } from "./errors.js";
import type { ImageNormalizer } from "./images/normalize-image.js";
import type { RateLimits } from "./limits/rate-limits.js";
import type { Metrics } from "./metrics.js";
import type { FileStore } from "./storage/file-store.js";
import type { AccessTokens } from "./tokens/access-tokens.js";
import type { RefreshTokens } from "./tokens/refresh-tokens.js";
import type { User } from "./user/user.js";
import type { Wechat } from "./wechat/wechat.js";

/** What an own back end declares, for `context.error` and `context.limit`. */
export interface OwnRules {
  errorKinds: Readonly<Record<string, ErrorKind>>;
  rateLimits: RateLimits<string>;
}

/** What lives as long as the server; `startApp` makes it once. */
export interface Services {
  em: SqlEntityManager;
  wechat: Wechat;
  /** What goes through WeChat's content check before it is shown. */
  contentCheck: { texts: boolean; avatars: boolean };
  accessTokens: AccessTokens;
  refreshTokens: RefreshTokens;
  /** How long a session lives: without a refresh, and in any case. */
  sessionLife: { idleSeconds: number; absoluteSeconds: number };
  /** Whether deleting and exporting an account demand a fresh login code. */
  codeRequired: boolean;
  avatarStore: FileStore;
  images: ImageNormalizer;
  rateLimits: RateLimits;
  metrics: Metrics;
  /** The settings of an own back end, as its schemas make them. */
  settings: Readonly<Record<string, unknown>>;
  now: () => Date;
  log: Logger;
}

/** The caller, as a valid token and a standing session prove. */
export interface Viewer {
  user: User;
  session: {
    id: string;
    /** The app that signed in. */
    appId: string;
    accessKeyId: string;
    accessKeyChangedAt: Date | null;
  };
}

/** What every resolver gets: the services, with an entity manager and a logger of the request's own, and who is asking. */
export interface Context extends Services {
  requestId: string;
  language: Language;
  /** The app that the `Referer` names. */
  refererAppId: string | undefined;
  userAgent: string | undefined;
  /** Whom rate limits take for one client. */
  clientAddress: string;
  /** What the request's log line says: the name of the operation, what it did, for whom, and how it ended. */
  logLine: { operation?: string; field?: string; userId?: string; outcome: string };
  /** The caller; looked up once. Throws `UNAUTHENTICATED` or `USER_DISABLED`. */
  viewer(): Promise<Viewer>;
  /** An error to throw, with a code of an own back end. Throws a `TypeError` if it has no such code. */
  error(code: string, details?: Pick<AppErrorDetails, "field" | "retryAfter" | "text">): ClientError;
  /**
   * Counts one attempt at something that an own back end limits: by the caller, if the request has a token, and by the address.
   * Throws `RATE_LIMITED`, what {@link viewer} throws, or a `TypeError` if there is no such limit.
   */
  limit(name: string): Promise<void>;
}
