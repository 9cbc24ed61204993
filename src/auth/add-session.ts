import type { SqlEntityManager } from "@mikro-orm/sql";
import type { Logger } from "pino";
import { v7 as uuidv7 } from "uuid";
import { clockSkewMs } from "../clock.js";
import type { Context } from "../context.js";
import { runBoth, statement, type Value } from "../database/statement.js";
import { describeError } from "../log.js";
import { describeDevice } from "./device.js";
import { expiryOf } from "./session.js";

/** A session as it is when it is opened. */
export interface NewSession {
  id: string;
  userId: string;
  appId: string;
  device: string | null;
  generation: number;
  keyId: string;
  createdAt: Date;
  expiresAt: Date;
}

type NewSessionContext = Pick<Context, "refreshTokens" | "sessionLife" | "now" | "userAgent">;

/** The session that a user opens now in an app; nothing is written yet. */
export function newSession(context: NewSessionContext, userId: string, appId: string): NewSession {
  const { refreshTokens, sessionLife, now, userAgent } = context;
  const createdAt = now();
  return {
    id: uuidv7(),
    userId,
    appId,
    device: describeDevice(userAgent),
    generation: 0,
    keyId: refreshTokens.keyId,
    createdAt,
    expiresAt: expiryOf(createdAt, createdAt, sessionLife),
  };
}

const insert = statement(`
  insert into sessions (id, user_id, app_id, device, generation, key_id, created_at, last_used_at, expires_at)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?)`);

function valuesOf({ id, userId, appId, device, generation, keyId, createdAt, expiresAt }: NewSession): Value[] {
  return [id, userId, appId, device, generation, keyId, createdAt, createdAt, expiresAt];
}

/** Writes the session of a user who is written in the same transaction. */
export async function insertSession(transaction: SqlEntityManager, session: NewSession): Promise<void> {
  await insert.run(transaction, valuesOf(session));
}

/** How many sessions a user has at most. */
const maxSessions = 10;

const endSurplus = statement(`
  delete from sessions where user_id = ? and id not in (
    select id from sessions where user_id = ?
    order by case when id = ? then 0 when created_at > ? then 2 else 1 end, created_at desc, id desc
    limit ${maxSessions}
  )`);

/** Those that were opened in times to come are the oldest of all: the clock has been set back since. */
function surplusBut({ id, userId, createdAt }: NewSession): Value[] {
  return [userId, userId, id, new Date(createdAt.getTime() + clockSkewMs)];
}

/** Ends a user's oldest sessions if there are too many, but never this one, which stands; so a fault is only logged: the next sign-in makes up for it. */
export async function endOldest({ em, log }: Pick<Context, "em" | "log">, session: NewSession): Promise<void> {
  await endSurplus.run(em, surplusBut(session)).catch((error) => tell(log, session, error));
}

/** Writes a session, and then ends the oldest as above: once it is committed, so that of sign-ins at once the last sees all. */
export async function addSession({ em, log }: Pick<Context, "em" | "log">, session: NewSession): Promise<void> {
  const fault = await runBoth(em, [insert, valuesOf(session)], [endSurplus, surplusBut(session)]);
  if (fault !== undefined) tell(log, session, fault);
}

function tell(log: Logger, { userId }: NewSession, error: unknown): void {
  log.warn({ userId, error: describeError(error) }, "ending a user's oldest sessions failed");
}
