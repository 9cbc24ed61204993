import { ForeignKeyConstraintViolationException, UniqueConstraintViolationException } from "@mikro-orm/core";
import type { SqlEntityManager } from "@mikro-orm/sql";
import type { Logger } from "pino";
import { v7 as uuidv7 } from "uuid";
import { AppError } from "../errors.js";
import { findUser } from "../user/find-user.js";
import { User } from "../user/user.js";
import type { WechatIdentity } from "../wechat/exchange-code.js";
import { Identity, Unionid } from "./identity.js";
import { Session } from "./session.js";

interface Dependencies {
  em: SqlEntityManager;
  now: () => Date;
  log: Logger;
}

interface OpenedSession {
  user: User;
  sessionId: string;
  isNewUser: boolean;
}

/** Rounds of looking and writing. A lost round means that somebody else has just written what the next one finds. */
const maxRounds = 5;

/**
 * Opens a session for an identity, and makes its user if there is none. However many first sign-ins of a person run at
 * once, in however many processes, the database's keys let one of them write; the others look again and find its user.
 * @throws AppError `USER_DISABLED`
 */
export async function openSession(dependencies: Dependencies, identity: WechatIdentity): Promise<OpenedSession> {
  for (let round = 1; ; round++) {
    const user = await findUser(dependencies.em, userOfIdentity, [identity.appId, identity.openid]);
    if (user?.disabledAt) throw new AppError("USER_DISABLED");
    try {
      return user ? await welcomeBack(dependencies, identity, user) : await register(dependencies, identity);
    } catch (error) {
      if (!isLostRace(error) || round === maxRounds) throw error;
    }
  }
}

/** Somebody made the same user first, or deleted the one that was found. */
function isLostRace(error: unknown): boolean {
  return error instanceof UniqueConstraintViolationException || error instanceof ForeignKeyConstraintViolationException;
}

const userOfIdentity = `
  select users.* from identities join users on users.id = identities.user_id
  where identities.app_id = ? and identities.openid = ?`;

const userOfUnionid = `
  select users.* from unionids join users on users.id = unionids.user_id
  where unionids.unionid = ?`;

async function welcomeBack(
  { em, now, log }: Dependencies,
  { appId, unionid }: WechatIdentity,
  user: User,
): Promise<OpenedSession> {
  if (unionid) await rememberUnionid(em, log, unionid, user);
  const sessionId = uuidv7();
  await em.insert(Session, { id: sessionId, user: user.id, appId, createdAt: now() });
  return { user, sessionId, isNewUser: false };
}

/** A unionid may show up later than the openid. If another user has it, both accounts stay as they are. */
async function rememberUnionid(em: SqlEntityManager, log: Logger, unionid: string, user: User): Promise<void> {
  if (!(await findUser(em, userOfUnionid, [unionid]))) {
    await em.createQueryBuilder(Unionid).insert({ unionid, user: user.id }).onConflict("unionid").ignore().execute();
  }
  const owner = await findUser(em, userOfUnionid, [unionid]);
  if (owner && owner.id !== user.id) {
    log.warn({ userId: user.id, otherUserId: owner.id }, "a unionid belongs to another user; both stay as they are");
  }
}

/** Writes a new identity with its session: for the user who has its unionid, else for a new one. All of it, or nothing. */
async function register({ em, now }: Dependencies, identity: WechatIdentity): Promise<OpenedSession> {
  const { appId, openid, unionid } = identity;
  const joined = unionid ? await findUser(em, userOfUnionid, [unionid]) : undefined;
  if (joined?.disabledAt) throw new AppError("USER_DISABLED");
  const createdAt = now();
  const user = joined ?? em.create(User, { id: uuidv7(), createdAt, updatedAt: createdAt }, { persist: false });
  const sessionId = uuidv7();
  await em.fork().transactional(async (transaction) => {
    if (!joined) await transaction.insert(User, { id: user.id, createdAt, updatedAt: createdAt });
    if (unionid && !joined) await transaction.insert(Unionid, { unionid, user: user.id });
    await transaction.insert(Identity, { appId, openid, user: user.id, createdAt });
    await transaction.insert(Session, { id: sessionId, user: user.id, appId, createdAt });
  });
  return { user, sessionId, isNewUser: !joined };
}
