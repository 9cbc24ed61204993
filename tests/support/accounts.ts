import { Identity, Unionid } from "../../src/auth/identity.js";
import { Session } from "../../src/auth/session.js";
import { User } from "../../src/user/user.js";
import type { TestApp } from "./test-app.js";

/** Disables a user as an operator would, in the database. */
export async function disableUser({ database, now }: TestApp, id: string): Promise<void> {
  await database.em.fork().nativeUpdate(User, { id }, { disabledAt: now() });
}

/** Deletes a user, whose identities and sessions go too. */
export async function deleteUser({ database }: TestApp, id: string): Promise<void> {
  await database.em.fork().nativeDelete(User, { id });
}

/** Ends all sessions of a user. */
export async function endSessions({ database }: TestApp, id: string): Promise<void> {
  await database.em.fork().nativeDelete(Session, { user: id });
}

/** How many rows there are of everything that a login writes. */
export async function countRows({ database }: TestApp) {
  const em = database.em.fork();
  return {
    users: await em.count(User),
    identities: await em.count(Identity),
    unionids: await em.count(Unionid),
    sessions: await em.count(Session),
  };
}
