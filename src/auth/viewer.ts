import type { SqlEntityManager } from "@mikro-orm/sql";
import { AppError } from "../errors.js";
import { findUser } from "../user/find-user.js";
import type { User } from "../user/user.js";
import type { AccessTokenClaims } from "./access-token.js";

/** The caller, as a valid token and a standing session prove. */
export interface Viewer {
  user: User;
  sessionId: string;
}

const statement = `
  select users.* from sessions join users on users.id = sessions.user_id
  where sessions.id = ? and users.id = ?`;

/**
 * Looks up the caller. This runs in every request, so it is one statement.
 * @throws AppError `UNAUTHENTICATED` if the session has ended, `USER_DISABLED` if the user may not act
 */
export async function findViewer(em: SqlEntityManager, { userId, sessionId }: AccessTokenClaims): Promise<Viewer> {
  const user = await findUser(em, statement, [sessionId, userId]);
  if (!user) throw new AppError("UNAUTHENTICATED");
  if (user.disabledAt) throw new AppError("USER_DISABLED");
  return { user, sessionId };
}
