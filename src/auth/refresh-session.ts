import { isWithin } from "../clock.js";
import type { Context } from "../context.js";
import { AppError } from "../errors.js";
import type { RefreshTokenClaims } from "../tokens/refresh-tokens.js";
import type { LoginPayload } from "./login-payload.js";
import { expiryOf, Session } from "./session.js";

/** In which a client that lost the answer may send the token before the current one again. */
const graceMs = 10_000;

/**
 * Replaces a refresh token by the next one and issues an access token. A client that repeats the token it has just used
 * gets the very same successor, so there is never a second branch. An older one has been copied: it ends the session.
 * @throws AppError `REFRESH_TOKEN_INVALID`, `RATE_LIMITED`, `USER_DISABLED`
 */
export async function refreshSession(context: Context, token: string): Promise<LoginPayload> {
  const { accessTokens, refreshTokens, rateLimits, clientAddress, log } = context;
  const claims = refreshTokens.verify(token);
  await rateLimits.consume("refresh", { user: claims?.sessionId, address: clientAddress, log });
  const session = claims && (await rotate(context, claims));
  if (!session) throw new AppError("REFRESH_TOKEN_INVALID");
  const { id: sessionId, user, keyId } = session;
  const accessToken = accessTokens.issue({ userId: user.id, sessionId, keyId });
  return { ...accessToken, refreshToken: refreshTokens.issue(session), user, isNewUser: false };
}

/** The session after the token's turn, or undefined if the token is good for nothing any more. */
async function rotate(context: Context, claims: RefreshTokenClaims): Promise<Session | undefined> {
  const { em, now, wechat, refreshTokens } = context;
  const standing = { id: claims.sessionId, expiresAt: { $gt: now() } };
  // One statement, since between two the user could be deleted; `refresh: true` on a used entity manager would make it two.
  const session = await em.fork().findOne(Session, standing, { populate: ["user"], strategy: "joined" });
  if (!session || !wechat.app(session.appId) || !refreshTokens.knows(session.keyId)) return undefined;
  if (session.user.disabledAt) throw new AppError("USER_DISABLED");
  const behind = session.generation - claims.generation;
  if (behind === 0) {
    if (claims.keyId !== session.keyId) return undefined;
    return (await advance(context, session)) ? session : rotate(context, claims);
  }
  if (behind === 1 && isRepetition(session, claims, now())) return session;
  if (behind > 0) await endAfterReplay(context, session);
  return undefined;
}

/** Whether a token is the one just used, sent again in time. It is of the session's key, unless that has changed with its use. */
function isRepetition({ lastUsedAt, keyId, keyChangedAt }: Session, claims: RefreshTokenClaims, now: Date): boolean {
  const isOwnKey = claims.keyId === keyId || keyChangedAt?.getTime() === lastUsedAt.getTime();
  return isOwnKey && isWithin(lastUsedAt, now, graceMs);
}

/** Moves the session on by one generation. False if another request has done so meanwhile. */
async function advance({ em, refreshTokens, sessionLife, now }: Context, session: Session): Promise<boolean> {
  const { id, generation, createdAt } = session;
  const { keyId } = refreshTokens;
  const lastUsedAt = now();
  const next = {
    generation: generation + 1,
    keyId,
    keyChangedAt: keyId === session.keyId ? session.keyChangedAt : lastUsedAt,
    lastUsedAt,
    expiresAt: expiryOf(createdAt, lastUsedAt, sessionLife),
  };
  const changed = await em.nativeUpdate(Session, { id, generation }, next);
  if (changed === 0) return false;
  Object.assign(session, next);
  return true;
}

async function endAfterReplay({ em, log }: Context, { id, user }: Session): Promise<void> {
  const ended = await em.nativeDelete(Session, { id });
  if (ended > 0) log.warn({ sessionId: id, userId: user.id }, "a used refresh token came again: the session has ended");
}
