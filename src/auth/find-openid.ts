import type { SqlEntityManager } from "@mikro-orm/sql";
import { AppError } from "../errors.js";
import { Identity } from "./identity.js";
import type { Viewer } from "./viewer.js";

/**
 * The caller's openid in the app of this session, for calls to WeChat about the caller.
 * @throws AppError `UNAUTHENTICATED` if the identity was erased meanwhile
 */
export async function findOpenid(em: SqlEntityManager, { user, session }: Viewer): Promise<string> {
  const identity = await em.findOne(Identity, { user: user.id, appId: session.appId });
  if (!identity) throw new AppError("UNAUTHENTICATED");
  return identity.openid;
}
