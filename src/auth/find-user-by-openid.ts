import type { SqlEntityManager } from "@mikro-orm/sql";
import { findUser } from "../user/find-user.js";
import type { User } from "../user/user.js";

const statement = `
  select users.* from identities join users on users.id = identities.user_id
  where identities.app_id = ? and identities.openid = ?`;

/** The user of an identity. */
export function findUserByOpenid(em: SqlEntityManager, appId: string, openid: string): Promise<User | undefined> {
  return findUser(em, statement, [appId, openid]);
}
