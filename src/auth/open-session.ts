import { UniqueConstraintViolationException } from "@mikro-orm/core";
import { v7 as uuidv7 } from "uuid";
import { clockSkewMs } from "../clock.js";
import type { Context } from "../context.js";
import { statement } from "../database/statement.js";
import { AppError } from "../errors.js";
import { describeError } from "../log.js";
import { User } from "../user/user.js";
import type { WechatIdentity } from "../wechat/exchange-code.js";
import { describeDevice } from "./device.js";
import { findUserByOpenid, findUserByUnionid, insertPeople, isLostRace } from "./identities.js";
import { Identity, Unionid } from "./identity.js";
import { sealOf } from "./seal.js";
import { expiryOf, Session } from "./session.js";

type OpeningContext = Pick<Context, "em" | "refreshTokens" | "sessionLife" | "now" | "log" | "userAgent">;

interface OpenedSession {
  user: User;
  session: NewSession;
  isNewUser: boolean;
}

/** Rounds of looking and writing. A lost round means that somebody else has just written what the next one finds. */
const maxRounds = 5;

/**
 * Opens a session for an identity, and makes its user if there is none. However many first sign-ins of a person run at
 * once, in however many processes, the database's keys let one of them write; the others look again and find its user.
 * @throws AppError `USER_DISABLED`
 */
export async function openSession(context: OpeningContext, identity: WechatIdentity): Promise<OpenedSession> {
  for (let round = 1; ; round++) {
    const user = await findKnown(context.em, identity);
    if (user?.disabledAt) throw new AppError("USER_DISABLED");
    try {
      return user ? await welcomeBack(context, identity, user) : await register(context, identity);
    } catch (error) {
      if (!isLostRace(error) || round === maxRounds) throw error;
    }
  }
}

/** The user of an identity, also where only the identity's seal was kept. One that may act again gets the identity back. */
async function findKnown(em: Context["em"], { appId, openid }: WechatIdentity): Promise<User | undefined> {
  const user = await findUserByOpenid(em, appId, openid);
  if (user) return user;
  const sealed = sealOf(appId, openid);
  const barred = await findUserByOpenid(em, appId, sealed);
  if (barred && !barred.disabledAt) await em.nativeUpdate(Identity, { appId, openid: sealed }, { openid });
  return barred;
}

const findOwner = async (em: Context["em"], unionid: string) =>
  (await findUserByUnionid(em, unionid)) ?? (await findUserByUnionid(em, sealOf("", unionid)));

/** Within one app, a person has one openid: another one under the same unionid is a fault of the data, and stays apart. */
async function mayJoin({ em, log }: OpeningContext, owner: User, appId: string): Promise<boolean> {
  if ((await em.count(Identity, { user: owner.id, appId })) === 0) return true;
  log.error({ otherUserId: owner.id, appId }, "WeChat gives two openids of one app the same unionid: they stay apart");
  return false;
}

async function welcomeBack(
  context: OpeningContext,
  { appId, unionid }: WechatIdentity,
  user: User,
): Promise<OpenedSession> {
  const { em } = context;
  if (unionid) await rememberUnionid(context, unionid, user);
  const session = newSession(context, user, appId);
  await em.insert(Session, session);
  await endOldest(context, user, session);
  return { user, session, isNewUser: false };
}

/** A unionid may show up later than the openid. If another user has it, both accounts stay as they are. */
async function rememberUnionid({ em, log }: OpeningContext, unionid: string, user: User): Promise<void> {
  const owner = (await findUserByUnionid(em, unionid)) ?? (await claimUnionid(em, unionid, user));
  if (owner && owner.id !== user.id) {
    log.warn({ userId: user.id, otherUserId: owner.id }, "a unionid belongs to another user; both stay as they are");
  }
}

/** Gives the user the unionid, unless somebody else takes it first; returns whose it is. */
async function claimUnionid(em: Context["em"], unionid: string, user: User): Promise<User | undefined> {
  try {
    await em.insert(Unionid, { unionid, user: user.id });
  } catch (error) {
    if (!(error instanceof UniqueConstraintViolationException)) throw error;
  }
  return findUserByUnionid(em, unionid);
}

/** Writes a new identity with its session: for the user who has its unionid, else for a new one. All of it, or nothing. */
async function register(context: OpeningContext, identity: WechatIdentity): Promise<OpenedSession> {
  const { em, now } = context;
  const { appId, openid, unionid } = identity;
  const owner = unionid ? await findOwner(em, unionid) : undefined;
  if (owner?.disabledAt) throw new AppError("USER_DISABLED");
  const joined = owner && (await mayJoin(context, owner, appId)) ? owner : undefined;
  const createdAt = now();
  const user = joined ?? Object.assign(new User(), { id: uuidv7(), createdAt, updatedAt: createdAt });
  const session = newSession(context, user, appId);
  await em.fork().transactional(async (transaction) => {
    await insertPeople(transaction, {
      users: joined ? [] : [{ id: user.id, createdAt, updatedAt: createdAt }],
      unionids: unionid && !owner ? [{ unionid, user: user.id }] : [],
      identities: [{ appId, openid, user: user.id, createdAt }],
    });
    await transaction.insert(Session, session);
  });
  if (joined) await endOldest(context, user, session);
  return { user, session, isNewUser: !joined };
}

type NewSession = ReturnType<typeof newSession>;

function newSession({ refreshTokens, sessionLife, now, userAgent }: OpeningContext, user: User, appId: string) {
  const createdAt = now();
  return {
    id: uuidv7(),
    user: user.id,
    appId,
    device: describeDevice(userAgent),
    generation: 0,
    keyId: refreshTokens.keyId,
    keyChangedAt: null,
    createdAt,
    lastUsedAt: createdAt,
    expiresAt: expiryOf(createdAt, createdAt, sessionLife),
  };
}

/** How many sessions a user has at most. */
const maxSessions = 10;

const endSurplus = statement(`
  delete from sessions where user_id = ? and id not in (
    select id from sessions where user_id = ?
    order by case when id = ? then 0 when created_at > ? then 2 else 1 end, created_at desc, id desc
    limit ${maxSessions}
  )`);

/**
 * Ends a user's oldest sessions but never the new one. Those that were opened in times to come are the oldest of all: the
 * clock has been set back since. It runs after the new one is committed, so that of sign-ins at once the last sees all;
 * and as that one stands, a fault here is only logged: the next sign-in makes up for it.
 */
async function endOldest({ em, log }: OpeningContext, user: User, { id, createdAt }: NewSession): Promise<void> {
  try {
    await endSurplus.run(em, [user.id, user.id, id, new Date(createdAt.getTime() + clockSkewMs)]);
  } catch (error) {
    log.warn({ userId: user.id, error: describeError(error) }, "ending a user's oldest sessions failed");
  }
}
