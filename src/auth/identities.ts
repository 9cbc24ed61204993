import { ForeignKeyConstraintViolationException, UniqueConstraintViolationException } from "@mikro-orm/core";
import type { SqlEntityManager } from "@mikro-orm/sql";
import type { Context, Viewer } from "../context.js";
import { statement } from "../database/statement.js";
import { AppError } from "../errors.js";
import { withFoldedNickname } from "../user/nickname.js";
import { ownDataOf, runHook } from "../user/own-data.js";
import { User } from "../user/user.js";
import { findUser } from "../user/users.js";
import type { WechatApp } from "../wechat/app.js";
import { Identity, Unionid } from "./identity.js";

const userOfIdentity = statement(`
  select users.* from identities join users on users.id = identities.user_id
  where identities.app_id = ? and identities.openid = ?`);

/** The user of an identity. */
export function findUserByOpenid(em: SqlEntityManager, appId: string, openid: string): Promise<User | undefined> {
  return findUser(em, userOfIdentity, [appId, openid]);
}

const userOfUnionid = statement(`
  select users.* from unionids join users on users.id = unionids.user_id
  where unionids.unionid = ?`);

/** The user whose identities a unionid joins. */
export function findUserByUnionid(em: SqlEntityManager, unionid: string): Promise<User | undefined> {
  return findUser(em, userOfUnionid, [unionid]);
}

/** Who somebody is for WeChat. */
export interface WechatPerson {
  app: WechatApp;
  openid: string;
}

/**
 * Who the caller is for WeChat in the app of this session, for calls about the caller.
 * @throws AppError `UNAUTHENTICATED` if the identity was erased meanwhile, or the app is no longer configured
 */
export async function findWechatPerson(
  { em, wechat }: Pick<Context, "em" | "wechat">,
  { user, session }: Viewer,
): Promise<WechatPerson> {
  const app = wechat.app(session.appId);
  const identity = app && (await em.findOne(Identity, { user: user.id, appId: app.appId }));
  if (!identity) throw new AppError("UNAUTHENTICATED");
  return { app, openid: identity.openid };
}

/** What a new user's row holds, where it isn't empty. */
export type NewUser = Pick<User, "id" | "createdAt" | "updatedAt"> &
  Partial<Omit<User, "id" | "createdAt" | "updatedAt">>;

/** People whom the database doesn't know yet: identities, those of them that need a user of their own, and the users' unionids. */
export interface NewPeople {
  users: NewUser[];
  unionids: { unionid: string; user: string }[];
  identities: { appId: string; openid: string; user: string; createdAt: Date }[];
}

/**
 * Writes new people in a transaction of the caller's. The tables come in the same order everywhere, so that two who write the
 * same people wait for each other instead of blocking each other for good; whoever comes second gets a constraint violation.
 */
export async function insertPeople(transaction: SqlEntityManager, people: NewPeople): Promise<void> {
  if (people.users.length > 0) await transaction.insertMany(User, people.users.map(withFoldedNickname));
  if (people.unionids.length > 0) await transaction.insertMany(Unionid, people.unionids);
  if (people.identities.length > 0) await transaction.insertMany(Identity, people.identities);
  const { userCreated } = ownDataOf(transaction);
  if (userCreated)
    for (const user of people.users) await runHook(userCreated, transaction, Object.assign(new User(), user));
}

/** Whether somebody made the same user first, or deleted the one that was found: looking again finds out which. */
export function isLostRace(error: unknown): boolean {
  return error instanceof UniqueConstraintViolationException || error instanceof ForeignKeyConstraintViolationException;
}
