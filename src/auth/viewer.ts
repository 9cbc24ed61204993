import type { Context, Viewer } from "../context.js";
import { optionalTimeOf, statement } from "../database/statement.js";
import { AppError } from "../errors.js";
import type { AccessTokenClaims } from "../tokens/access-tokens.js";
import { userOf } from "../user/users.js";

/** The session may be missing: disabling a user ends the sessions, and the caller is told why nothing works. */
const viewerOf = statement(`
  select users.*, sessions.app_id as session_app_id,
    sessions.access_key_id as session_key_id, sessions.access_key_changed_at as session_key_changed_at
  from users left join sessions
    on sessions.id = ? and sessions.user_id = users.id and sessions.expires_at > ?
  where users.id = ?`);

/**
 * Looks up the caller. This runs in every request, so it is one statement.
 * @throws AppError `UNAUTHENTICATED` if the session has ended or its app is no longer configured, `USER_DISABLED` if the user may not act
 */
export async function findViewer(
  { em, wechat, now }: Pick<Context, "em" | "wechat" | "now">,
  { userId, sessionId }: { userId: string; sessionId: string },
): Promise<Viewer> {
  const [row] = await viewerOf.rows(em, [sessionId, now(), userId]);
  if (!row) throw new AppError("UNAUTHENTICATED");
  const { session_app_id: appId, session_key_id: keyId, session_key_changed_at: changedAt, ...columns } = row;
  const user = userOf(em, columns);
  if (user.disabledAt) throw new AppError("USER_DISABLED");
  if (typeof appId !== "string" || !wechat.app(appId)) throw new AppError("UNAUTHENTICATED");
  const accessKeyChangedAt = optionalTimeOf(changedAt);
  return { user, session: { id: sessionId, appId, accessKeyId: String(keyId), accessKeyChangedAt } };
}

/**
 * Who a token stands for, as its session and its user are now, and what it says.
 * @throws AppError `UNAUTHENTICATED`, also if there is no token, and `USER_DISABLED`
 */
export async function authenticate(
  context: Pick<Context, "accessTokens" | "em" | "wechat" | "now">,
  token: string | undefined,
): Promise<{ viewer: Viewer; claims: AccessTokenClaims }> {
  const { accessTokens } = context;
  const claims = token === undefined ? undefined : accessTokens.verify(token);
  if (!claims) throw new AppError("UNAUTHENTICATED");
  const viewer = await findViewer(context, claims);
  if (!accessTokens.accepts(claims, viewer.session)) throw new AppError("UNAUTHENTICATED");
  return { viewer, claims };
}

/**
 * The caller of an act on the account, which counts; ending sessions never does.
 * @throws AppError `UNAUTHENTICATED`, `USER_DISABLED`, `RATE_LIMITED`
 */
export async function countedViewer(
  context: Pick<Context, "viewer" | "rateLimits" | "clientAddress" | "log">,
): Promise<Viewer> {
  const viewer = await context.viewer();
  const { rateLimits, clientAddress, log } = context;
  await rateLimits.consume("account", { user: viewer.user.id, address: clientAddress, log });
  return viewer;
}
