import type { SqlEntityManager } from "@mikro-orm/sql";
import { AppError } from "../errors.js";
import type { AccessTokenClaims } from "../tokens/access-tokens.js";
import { User } from "../user/user.js";

/** The caller, as a valid token and a standing session prove. */
export interface Viewer {
  user: User;
  session: {
    id: string;
    /** The app that signed in. */
    appId: string;
  };
}

/** The session may be missing: disabling a user ends the sessions, and the caller is told why nothing works. */
const statement = `
  select users.*, sessions.app_id as session_app_id
  from users left join sessions
    on sessions.id = ? and sessions.user_id = users.id and sessions.expires_at > ?
  where users.id = ?`;

/**
 * Looks up the caller. This runs in every request, so it is one statement.
 * @throws AppError `UNAUTHENTICATED` if the session has ended, `USER_DISABLED` if the user may not act
 */
export async function findViewer(
  em: SqlEntityManager,
  { userId, sessionId }: AccessTokenClaims,
  now: Date,
): Promise<Viewer> {
  const [row] = await em.getConnection().execute(statement, [sessionId, now, userId]);
  if (!row) throw new AppError("UNAUTHENTICATED");
  const { session_app_id: appId, ...columns } = row;
  const user = em.map(User, columns);
  if (user.disabledAt) throw new AppError("USER_DISABLED");
  if (appId === null) throw new AppError("UNAUTHENTICATED");
  return { user, session: { id: sessionId, appId: String(appId) } };
}
