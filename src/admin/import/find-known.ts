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
  /** Phone numbers that somebody has. */
  phones: Set<string>;
}

/** One text for an identity. */
export const identityName = ({ appId, openid }: { appId: string; openid: string }) => `${appId} ${openid}`;

/** Looks people up, whatever their number, in a few statements. */
export async function findKnown(em: SqlEntityManager, people: readonly Person[]): Promise<Known> {
  const populate = { populate: ["user"] } as const;
  const users: Known["users"] = new Map();
  for (const [appId, group] of Map.groupBy(people, (person) => person.appId)) {
    const openids = group.map(({ openid }) => openid);
    const identities = await em.find(Identity, { appId, openid: { $in: openids } }, populate);
    for (const identity of identities) users.set(identityName(identity), identity.user);
  }
  const unionids = people.flatMap(({ unionid }) => unionid ?? []);
  const owned = unionids.length > 0 ? await em.find(Unionid, { unionid: { $in: unionids } }, populate) : [];
  const numbers = people.flatMap(({ phone }) => phone ?? []);
  const holders = numbers.length > 0 ? await em.find(User, { phone: { $in: numbers } }, { fields: ["phone"] }) : [];
  return {
    users,
    owners: new Map(owned.map(({ unionid, user }) => [unionid, user])),
    phones: new Set(holders.flatMap(({ phone }) => phone ?? [])),
  };
}
