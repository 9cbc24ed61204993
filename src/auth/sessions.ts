import { validate as isUuid } from "uuid";
import type { Context, Viewer } from "../context.js";
import { statement } from "../database/statement.js";
import { type Sweep, sweepBatch } from "../database/sweeper.js";
import { type EndReason, Session } from "./session.js";
import type { SessionType } from "./session-type.js";

type Dependencies = Pick<Context, "em" | "now">;

/** The caller's standing sessions, the newest first. */
export async function listSessions(
  { em, now, wechat }: Dependencies & Pick<Context, "wechat">,
  { user, session }: Viewer,
): Promise<SessionType[]> {
  const standing = { user: user.id, expiresAt: { $gt: now() } };
  const sessions = await em.find(Session, standing, { orderBy: { createdAt: "desc", id: "desc" } });
  return sessions
    .filter(({ appId }) => wechat.app(appId))
    .map(({ id, appId, device, createdAt, lastUsedAt, expiresAt }) => ({
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
export async function endSession({ em, now }: Dependencies, { user, session }: Viewer, id: string): Promise<boolean> {
  if (!isUuid(id)) return false;
  const standing = { id: id.toLowerCase(), user: user.id, expiresAt: { $gt: now() } };
  const endReason = standing.id === session.id ? "logout" : "revoked";
  if ((await em.count(Session, standing)) === 0) return false;
  return (await em.nativeUpdate(Session, standing, { endReason })) > 0;
}

/** Ends all sessions of a user and returns how many there were. */
export async function endAllSessions({ em, now }: Dependencies, userId: string, endReason: EndReason): Promise<number> {
  return em.nativeUpdate(Session, { user: userId, expiresAt: { $gt: now() } }, { endReason });
}

const endDead = statement(`
  update sessions set end_reason = 'expired'
  where id in (select id from sessions where expires_at <= ? limit ${sweepBatch})`);

/** Sessions that have expired. */
export const deadSessions: Sweep = { what: "dead sessions", run: (em, now) => endDead.run(em, [now]) };
