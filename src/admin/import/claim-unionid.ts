import type { Text } from "../../errors.js";
import { type KnownUser, placeName } from "./find-known.js";
import type { Person } from "./person-of-row.js";
import { type Draft, isAnotherUsers, leaveOut, wouldBeThere } from "./plan.js";

/*
 * A unionid belongs to one user, and within one app to one openid. A row that says otherwise is at fault, whichever comes
 * first, the row or what contradicts it; its unionid is left out.
 */

const inApp = (unionid: string, appId: string) => `unionid ${unionid} in ${appId}`;
const ofUser = (unionid: string, { id }: KnownUser) => `unionid ${unionid} of ${id}`;
const someOf = ({ id }: KnownUser) => `unionid of ${id}`;
const anywhere = (unionid: string) => `unionid ${unionid}`;

/** The unionid of somebody with this user, or with none yet, if it can be theirs. */
export function claimUnionid(draft: Draft, person: Person, user: KnownUser | undefined): string | undefined {
  const { unionid, appId } = person;
  if (unionid === undefined) return undefined;
  const fault = faultOf(draft, person, unionid, user);
  if (fault === undefined) {
    draft.names.add(inApp(unionid, appId));
    return unionid;
  }
  leaveOut(draft, person, "unionid", fault);
  draft.disputed.add(inApp(unionid, appId));
  return undefined;
}

const standsTwice: Text = { zh: "同一个小程序里已对应另一个 openid", en: "stands with another openid of the same app" };
const isNotTheirs: Text = { zh: "与这个用户已有的不同", en: "is not the one that the user has" };

function faultOf(draft: Draft, person: Person, unionid: string, user: KnownUser | undefined): Text | undefined {
  const owner = draft.owners.get(unionid);
  if (user && isAnothers(draft, unionid, user)) return isAnotherUsers;
  const isSecond = isClaimed(draft, person, unionid) || (!user && owner && isTaken(draft, person, owner));
  if (isSecond) return standsTwice;
  if (user && !owner && hasUnionid(draft, unionid, user)) return isNotTheirs;
  return undefined;
}

function isAnothers(draft: Draft, unionid: string, user: KnownUser): boolean {
  const owner = draft.owners.get(unionid);
  if (owner) return owner.id !== user.id;
  return wouldBeThere(draft, anywhere(unionid)) && !wouldBeThere(draft, ofUser(unionid, user));
}

/** Whether another row has claimed the unionid in the app: each identity is placed once, so that it was of another openid. */
function isClaimed(draft: Draft, { appId }: Person, unionid: string): boolean {
  const name = inApp(unionid, appId);
  const claimed = draft.names.has(name) || draft.disputed.has(name) || draft.disputedBefore.has(name);
  return claimed || wouldBeThere(draft, name);
}

/** Whether the owner of the unionid has an openid in the app already. */
function isTaken(draft: Draft, { appId }: Person, owner: KnownUser): boolean {
  const name = placeName(owner.id, appId);
  return draft.places.has(name) || wouldBeThere(draft, name);
}

function hasUnionid(draft: Draft, unionid: string, user: KnownUser): boolean {
  if (draft.withUnionid.has(user.id)) return true;
  return wouldBeThere(draft, someOf(user)) && !wouldBeThere(draft, ofUser(unionid, user));
}

/** Whether an earlier batch of a dry run would have given the unionid to somebody. */
export const wouldBeOwned = (draft: Draft, unionid: string | undefined): boolean =>
  unionid !== undefined && wouldBeThere(draft, anywhere(unionid));

/** Gives a user a unionid that is nobody's. */
export function giveUnionid(draft: Draft, unionid: string, user: KnownUser): void {
  draft.people.unionids.push({ unionid, user: user.id });
  draft.owners.set(unionid, user);
  draft.withUnionid.add(user.id);
  for (const name of [anywhere(unionid), ofUser(unionid, user), someOf(user)]) draft.names.add(name);
}
