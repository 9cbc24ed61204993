import type { SqlEntityManager } from "@mikro-orm/sql";
import type { Logger } from "pino";
import { v7 as uuidv7 } from "uuid";
import { clockSkewMs, dayOf } from "../clock.js";
import type { Context } from "../context.js";
import { type Call, runThen, statement, type Value } from "../database/statement.js";
import { describeError } from "../log.js";
import type { User } from "../user/user.js";
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
  accessKeyId: string;
  createdAt: Date;
  expiresAt: Date;
}

type NewSessionContext = Pick<Context, "accessTokens" | "refreshTokens" | "sessionLife" | "now" | "userAgent">;

/** The session that a user opens now in an app; nothing is written yet. */
export function newSession(context: NewSessionContext, userId: string, appId: string): NewSession {
  const { accessTokens, refreshTokens, sessionLife, now, userAgent } = context;
  const createdAt = now();
  return {
    id: uuidv7(),
    userId,
    appId,
    device: describeDevice(userAgent),
    generation: 0,
    keyId: refreshTokens.keyId,
    accessKeyId: accessTokens.keyId,
    createdAt,
    expiresAt: expiryOf(createdAt, createdAt, sessionLife),
  };
}

const insert = statement(`
  insert into sessions
    (id, user_id, app_id, device, generation, key_id, access_key_id, created_at, last_used_at, expires_at)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);

function valuesOf({ id, userId, appId, device, generation, ...session }: NewSession): Value[] {
  const { keyId, accessKeyId, createdAt, expiresAt } = session;
  return [id, userId, appId, device, generation, keyId, accessKeyId, createdAt, createdAt, expiresAt];
}

/** Writes the session of a user who is written in the same transaction. */
export async function insertSession(transaction: SqlEntityManager, session: NewSession): Promise<void> {
  await insert.run(transaction, valuesOf(session));
}

/** How many sessions a user has at most. */
const maxSessions = 10;

const endSurplus = statement(`
  update sessions set end_reason = 'replaced' where user_id = ? and id not in (
    select id from sessions where user_id = ?
    order by case when id = ? then 0 when created_at > ? then 2 else 1 end, created_at desc, id desc
    limit ${maxSessions}
  )`);

/** Those that were opened in times to come are the oldest of all: the clock has been set back since. */
function surplusBut({ id, userId, createdAt }: NewSession): Value[] {
  return [userId, userId, id, new Date(createdAt.getTime() + clockSkewMs)];
}

const noteDay = statement(`
  update users set last_sign_in_on = ?
  where id = ? and last_sign_in_on is distinct from ? and disabled_at is null`);

/**
 * What is to be done after a sign-in: the oldest sessions end if there are too many, but never this one; and the user's row gets the
 * day, if it has another one. The session stands all the same, so a fault is only logged: the next sign-in makes up for it.
 */
function following(session: NewSession, { lastSignInOn }: User): Call[] {
  const day = dayOf(session.createdAt);
  const ending: Call = [endSurplus, surplusBut(session)];
  return day === lastSignInOn ? [ending] : [ending, [noteDay, [day, session.userId, day]]];
}

/** Does what follows a sign-in of a user who was there, whose session is written. */
export async function finishSignIn(
  { em, log }: Pick<Context, "em" | "log">,
  session: NewSession,
  user: User,
): Promise<void> {
  for (const [each, values] of following(session, user)) {
    await each.run(em, values).catch((error) => tell(log, session, error));
  }
}

/** Writes a session, and then does the same: once it is committed, so that of sign-ins at once the last sees all. */
export async function addSession(
  { em, log }: Pick<Context, "em" | "log">,
  session: NewSession,
  user: User,
): Promise<void> {
  const fault = await runThen(em, [insert, valuesOf(session)], ...following(session, user));
  if (fault !== undefined) tell(log, session, fault);
}

function tell(log: Logger, { userId }: NewSession, error: unknown): void {
  log.warn(
    { userId, error: describeError(error) },
    "ending a user's oldest sessions or noting the day of a sign-in failed",
  );
}
