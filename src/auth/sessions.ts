import type { SqlEntityManager } from "@mikro-orm/sql";
import { validate as isUuid } from "uuid";
import { Session } from "./session.js";
import type { MySession } from "./session-type.js";
import type { Viewer } from "./viewer.js";

interface Dependencies {
  em: SqlEntityManager;
  now: () => Date;
}

/** The caller's standing sessions, the newest first. */
export async function listSessions({ em, now }: Dependencies, { user, session }: Viewer): Promise<MySession[]> {
  const standing = { user: user.id, expiresAt: { $gt: now() } };
  const sessions = await em.find(Session, standing, { orderBy: { createdAt: "desc", id: "desc" } });
  return sessions.map(({ id, appId, device, createdAt, lastUsedAt, expiresAt }) => ({
    id,
    appId,
    device,
    isCurrent: id === session.id,
    createdAt,
    lastUsedAt,
    expiresAt,
  }));
}

/** Ends one of the caller's sessions. False if there is no such session. */
export async function endSession({ em, now }: Dependencies, { user }: Viewer, id: string): Promise<boolean> {
  if (!isUuid(id)) return false;
  return (await em.nativeDelete(Session, { id, user: user.id, expiresAt: { $gt: now() } })) > 0;
}

/** Ends all sessions of a user and returns how many there were. */
export async function endAllSessions({ em, now }: Dependencies, userId: string): Promise<number> {
  return em.nativeDelete(Session, { user: userId, expiresAt: { $gt: now() } });
}
