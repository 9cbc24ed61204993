import type { SqlEntityManager } from "@mikro-orm/sql";
import { Identity, Unionid } from "../../auth/identity.js";
import { User } from "../../user/user.js";
import type { Person } from "./person-of-row.js";

/** A user, as far as an import looks at one. */
export type KnownUser = Pick<User, "id" | "disabledAt" | FillableField>;

/** What may be filled in if it is empty. */
export const fillableFields = ["nickname", "email", "birthday", "gender", "address", "signature", "phone"] as const;

export type FillableField = (typeof fillableFields)[number];

/** What the database holds about some people. */
export interface Known {
  /** Users by what {@link identityName} makes of their identities. */
  users: Map<string, KnownUser>;
  /** Users by unionid. */
  owners: Map<string, KnownUser>;
  /** Which of {@link usersWhoMayGain} have a unionid, by id. */
  withUnionid: Set<string>;
  /** The apps in which {@link usersWhoMayGain} have an openid, by what {@link placeName} makes of user and app. */
  places: Set<string>;
  /** Phone numbers that somebody has. */
  phones: Set<string>;
}

/** One text for an identity. */
export const identityName = ({ appId, openid }: { appId: string; openid: string }) => `${appId} ${openid}`;

/** One text for a user in an app, where there is room for one openid. */
export const placeName = (userId: string, appId: string) => `${userId} ${appId}`;

/** Looks people up, whatever their number, in a few statements. */
export async function findKnown(em: SqlEntityManager, people: readonly Person[]): Promise<Known> {
  const users = await findUsers(em, people);
  const owners = await findOwners(em, people);
  const gaining = usersWhoMayGain(people, users, owners);
  return {
    users,
    owners,
    withUnionid: await findHolders(em, gaining),
    places: await findPlaces(em, gaining),
    phones: await findPhones(em, people),
  };
}

/** Users who may get an identity or a unionid of the file's. */
function usersWhoMayGain(people: readonly Person[], users: Known["users"], owners: Known["owners"]): string[] {
  const gaining = people.flatMap((person) => {
    const [user, owner] = [users.get(identityName(person)), owners.get(person.unionid ?? "")];
    return (user && owner) || person.unionid === undefined ? [] : ((user ?? owner)?.id ?? []);
  });
  return [...new Set(gaining)];
}

const withUser = { populate: ["user"] } as const;

async function findUsers(em: SqlEntityManager, people: readonly Person[]): Promise<Known["users"]> {
  const users: Known["users"] = new Map();
  for (const [appId, group] of Map.groupBy(people, (person) => person.appId)) {
    const openids = group.map(({ openid }) => openid);
    const identities = await em.find(Identity, { appId, openid: { $in: openids } }, withUser);
    for (const identity of identities) users.set(identityName(identity), identity.user);
  }
  return users;
}

async function findOwners(em: SqlEntityManager, people: readonly Person[]): Promise<Known["owners"]> {
  const named = people.flatMap(({ unionid }) => unionid ?? []);
  const unionids = named.length > 0 ? await em.find(Unionid, { unionid: { $in: named } }, withUser) : [];
  return new Map(unionids.map(({ unionid, user }) => [unionid, user]));
}

async function findHolders(em: SqlEntityManager, userIds: readonly string[]): Promise<Set<string>> {
  const unionids = userIds.length > 0 ? await em.find(Unionid, { user: { $in: userIds } }) : [];
  return new Set(unionids.map(({ user }) => user.id));
}

async function findPlaces(em: SqlEntityManager, userIds: readonly string[]): Promise<Set<string>> {
  const identities = userIds.length > 0 ? await em.find(Identity, { user: { $in: userIds } }) : [];
  return new Set(identities.map(({ user, appId }) => placeName(user.id, appId)));
}

async function findPhones(em: SqlEntityManager, people: readonly Person[]): Promise<Set<string>> {
  const numbers = people.flatMap(({ phone }) => phone ?? []);
  const holders = numbers.length > 0 ? await em.find(User, { phone: { $in: numbers } }, { fields: ["phone"] }) : [];
  return new Set(holders.flatMap(({ phone }) => phone ?? []));
}
