import { isWithin } from "../clock.js";
import type { Context } from "../context.js";
import { optionalTimeOf, type Row, statement, timeOf } from "../database/statement.js";
import { AppError } from "../errors.js";
import type { RefreshTokenClaims } from "../tokens/refresh-tokens.js";
import type { User } from "../user/user.js";
import { userOf } from "../user/users.js";
import type { LoginPayload } from "./login-payload.js";
import { expiryOf, Session } from "./session.js";

/** A session with its user, as far as refreshing looks at it. */
type StandingSession = Omit<Session, "device" | "expiresAt" | "endReason">;

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
  const { id: sessionId, user, appId, accessKeyId: keyId } = session;
  const accessToken = accessTokens.issue({ userId: user.id, sessionId, appId, keyId });
  return { ...accessToken, refreshToken: refreshTokens.issue(session), user, isNewUser: false };
}

/** One statement, since between two the user could be deleted. */
const standingSession = statement(`
  select users.*, sessions.app_id as session_app_id, sessions.generation as session_generation,
    sessions.key_id as session_key_id, sessions.key_changed_at as session_key_changed_at,
    sessions.access_key_id as session_access_key_id, sessions.access_key_changed_at as session_access_key_changed_at,
    sessions.created_at as session_created_at, sessions.last_used_at as session_last_used_at
  from sessions join users on users.id = sessions.user_id
  where sessions.id = ? and sessions.expires_at > ?`);

async function findSession({ em, now }: Context, id: string): Promise<StandingSession | undefined> {
  const [row] = await standingSession.rows(em, [id, now()]);
  return row && sessionOf(id, row, userOf(em, row));
}

function sessionOf(id: string, row: Row, user: User): StandingSession {
  return {
    id,
    user,
    appId: String(row["session_app_id"]),
    generation: Number(row["session_generation"]),
    keyId: String(row["session_key_id"]),
    keyChangedAt: optionalTimeOf(row["session_key_changed_at"]),
    accessKeyId: String(row["session_access_key_id"]),
    accessKeyChangedAt: optionalTimeOf(row["session_access_key_changed_at"]),
    createdAt: timeOf(row["session_created_at"]),
    lastUsedAt: timeOf(row["session_last_used_at"]),
  };
}

/** The session after the token's turn, or undefined if the token is good for nothing any more. */
async function rotate(context: Context, claims: RefreshTokenClaims): Promise<StandingSession | undefined> {
  const { now, wechat, refreshTokens } = context;
  const session = await findSession(context, claims.sessionId);
  if (!session || !wechat.app(session.appId) || !refreshTokens.knows(session.keyId)) return undefined;
  if (session.user.disabledAt) throw new AppError("USER_DISABLED");
  const behind = session.generation - claims.generation;
  if (behind === 0) {
    if (claims.keyId !== session.keyId) return undefined;
    return (await advance(context, session)) ? session : rotate(context, claims);
  }
  if (behind === 1 && isRepetition(session, claims, now())) return onKnownKey(context, session);
  if (behind > 0) await endAfterReplay(context, session);
  return undefined;
}

/** Whether a token is the one just used, sent again in time. It is of the session's key, unless that has changed with its use. */
function isRepetition(
  { lastUsedAt, keyId, keyChangedAt }: StandingSession,
  claims: RefreshTokenClaims,
  now: Date,
): boolean {
  const isOwnKey = claims.keyId === keyId || keyChangedAt?.getTime() === lastUsedAt.getTime();
  return isOwnKey && isWithin(lastUsedAt, now, graceMs);
}

const nextGeneration = statement(`
  update sessions set generation = ?, key_id = ?, key_changed_at = ?, access_key_id = ?, access_key_changed_at = ?,
    last_used_at = ?, expires_at = ?
  where id = ? and generation = ?`);

/** Moves the session on by one generation. False if another request has done so meanwhile. */
async function advance(context: Context, session: StandingSession): Promise<boolean> {
  const { em, refreshTokens, sessionLife, now } = context;
  const { id, generation, createdAt } = session;
  const { keyId } = refreshTokens;
  const lastUsedAt = now();
  const keyChangedAt = keyId === session.keyId ? session.keyChangedAt : lastUsedAt;
  const accessKey = accessKeyAt(context, session, lastUsedAt);
  const expiresAt = expiryOf(createdAt, lastUsedAt, sessionLife);
  const next = { generation: generation + 1, keyId, keyChangedAt, ...accessKey, lastUsedAt };
  if ((await nextGeneration.run(em, [...Object.values(next), expiresAt, id, generation])) === 0) return false;
  Object.assign(session, next);
  return true;
}

/** The key that signs a session's access tokens from a moment on, and since when. */
function accessKeyAt({ accessTokens }: Context, session: StandingSession, moment: Date) {
  const { keyId: accessKeyId } = accessTokens;
  const isSame = accessKeyId === session.accessKeyId;
  return { accessKeyId, accessKeyChangedAt: isSame ? session.accessKeyChangedAt : moment };
}

const changeAccessKey = statement(`
  update sessions set access_key_id = ?, access_key_changed_at = ? where id = ?`);

/** The session, on another key if its tokens are signed with one that only another process knows: `JWT_KEYS` is being changed. */
async function onKnownKey(context: Context, session: StandingSession): Promise<StandingSession> {
  const { em, accessTokens, now } = context;
  if (accessTokens.knows(session.accessKeyId)) return session;
  const accessKey = accessKeyAt(context, session, now());
  await changeAccessKey.run(em, [...Object.values(accessKey), session.id]);
  return Object.assign(session, accessKey);
}

async function endAfterReplay({ em, log }: Context, { id, user }: StandingSession): Promise<void> {
  const ended = await em.nativeUpdate(Session, { id }, { endReason: "revoked" });
  if (ended > 0) log.warn({ sessionId: id, userId: user.id }, "a used refresh token came again: the session has ended");
}
