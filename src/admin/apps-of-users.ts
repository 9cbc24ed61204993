import type { SqlEntityManager } from "@mikro-orm/sql";
import { Identity } from "../auth/identity.js";
import type { User } from "../user/user.js";

/** The apps in which users have an identity, by the users' ids. */
export async function appsOfUsers(em: SqlEntityManager, users: readonly User[]): Promise<Map<string, string[]>> {
  const ids = users.map(({ id }) => id);
  const identities = await em.fork().find(Identity, { user: { $in: ids } }, { orderBy: { appId: "asc" } });
  const apps = new Map<string, string[]>(ids.map((id) => [id, []]));
  for (const { user, appId } of identities) apps.get(user.id)?.push(appId);
  return apps;
}
