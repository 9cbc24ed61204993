import { UniqueConstraintViolationException } from "@mikro-orm/core";
import pLimit, { type LimitFunction } from "p-limit";
import { v7 as uuidv7 } from "uuid";
import { dayOf } from "../clock.js";
import type { Context } from "../context.js";
import { AppError } from "../errors.js";
import { User } from "../user/user.js";
import type { WechatIdentity } from "../wechat/exchange-code.js";
import { addSession, finishSignIn, insertSession, type NewSession, newSession } from "./add-session.js";
import { findUserByOpenid, findUserByUnionid, insertPeople, isLostRace } from "./identities.js";
import { Identity, Unionid } from "./identity.js";
import { sealOf } from "./seal.js";

type OpeningContext = Pick<
  Context,
  "em" | "accessTokens" | "refreshTokens" | "sessionLife" | "now" | "log" | "userAgent"
>;

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
  if (unionid) await rememberUnionid(context, unionid, user);
  const session = newSession(context, user.id, appId);
  await addSession(context, session, user);
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

/** So many first sign-ins are written at once. The others wait, and leave the database to those who are signed in already. */
const maxRegistrations = 4;

const turns = new WeakMap<object, LimitFunction>();

/** For its turn to come: after that nobody waits for the answer any more. */
const turnTimeoutMs = 5_000;

/** Writes a first sign-in when it is its turn at this database. */
function inTurn(em: Context["em"], write: () => Promise<void>): Promise<void> {
  const limit = turns.get(em.getDriver()) ?? pLimit(maxRegistrations);
  turns.set(em.getDriver(), limit);
  const giveUpAt = performance.now() + turnTimeoutMs;
  return limit(async () => {
    if (performance.now() > giveUpAt) throw new Error(`no turn to write within ${turnTimeoutMs} ms`);
    await write();
  });
}

/** Writes a new identity with its session: for the user who has its unionid, else for a new one. All of it, or nothing. */
async function register(context: OpeningContext, identity: WechatIdentity): Promise<OpenedSession> {
  const { em, now } = context;
  const { appId, openid, unionid } = identity;
  const owner = unionid ? await findOwner(em, unionid) : undefined;
  if (owner?.disabledAt) throw new AppError("USER_DISABLED");
  const joined = owner && (await mayJoin(context, owner, appId)) ? owner : undefined;
  const createdAt = now();
  const made = { id: uuidv7(), createdAt, updatedAt: createdAt, lastSignInOn: dayOf(createdAt) };
  const user = joined ?? Object.assign(new User(), made);
  const session = newSession(context, user.id, appId);
  await inTurn(em, () =>
    em.fork().transactional(async (transaction) => {
      await insertPeople(transaction, {
        users: joined ? [] : [made],
        unionids: unionid && !owner ? [{ unionid, user: user.id }] : [],
        identities: [{ appId, openid, user: user.id, createdAt }],
      });
      await insertSession(transaction, session);
    }),
  );
  if (joined) await finishSignIn(context, session, joined);
  return { user, session, isNewUser: !joined };
}
